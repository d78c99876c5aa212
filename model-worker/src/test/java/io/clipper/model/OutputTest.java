package io.clipper.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class OutputTest {
  @Test
  void labelsOfEqualNumbersAreEqualWhateverTheirType() {
    assertThat(Output.of(3).label()).hasValue("3");
    assertThat(Output.of(3.0).label()).hasValue("3");
    assertThat(Output.of("3").label()).hasValue("3");
    assertThat(Output.of(Tensor.ofFloats(3)).label()).hasValue("3");
    assertThat(Output.of(Long.MAX_VALUE).label()).isEqualTo(Output.of(Long.toString(Long.MAX_VALUE)).label());
  }

  @Test
  void theLargestUnsignedLongIsALabel() {
    Tensor all = Tensor.wrap(Datatype.UINT64, new long[0], new byte[] {-1, -1, -1, -1, -1, -1, -1, -1});

    assertThat(Output.of(all).label()).hasValue("18446744073709551615");
    assertThat(Output.of(all).number()).hasValue(0x1p64);
  }

  @Test
  void booleansAreLabelsAndNoNumbers() {
    Output yes = Output.of(Tensor.wrap(Datatype.BOOL, new long[0], new byte[] {1}));

    assertThat(yes.label()).hasValue("true");
    assertThat(yes.number()).isEmpty();
  }

  @Test
  void severalElementsAreNeitherLabelNorNumber() {
    assertThat(Output.of(Tensor.ofDoubles(1, 2)).label()).isEmpty();
    assertThat(Output.of(Tensor.ofDoubles(1, 2)).number()).isEmpty();
    assertThat(Output.of(Tensor.ofDoubles()).label()).isEmpty();
  }

  @Test
  void aTextIsANumberWhereItIsWrittenAsOne() {
    assertThat(Output.of("2.50").number()).hasValue(2.5);
    assertThat(Output.of("-7").number()).hasValue(-7);
    for (String text : List.of("", "cat", "3d", "1f", "0x1p3", "NaN", "Infinity")) {
      assertThat(Output.of(text).number()).as(text).isEmpty();
    }
  }

  @Test
  void notANumberIsSeenInEveryTensorAndInTheProbabilities() {
    Tensor half = Tensor.wrap(Datatype.FP16, new long[] {2}, new byte[] {0, 0x3c, 0, 0x7e});
    Tensor brain = Tensor.wrap(Datatype.BF16, new long[] {1}, new byte[] {(byte) 0xc0, 0x7f});

    assertThat(Output.of(Tensor.ofDoubles(0, Double.NaN)).hasNaN()).isTrue();
    assertThat(Output.of(Tensor.ofFloats(Float.NaN)).hasNaN()).isTrue();
    assertThat(Output.of(half).hasNaN()).isTrue();
    assertThat(Output.of(brain).hasNaN()).isTrue();
    assertThat(new Output(List.of(new NamedTensor("a", Tensor.ofLongs(1)), new NamedTensor("b", half)), Optional.empty()).hasNaN()).isTrue();
    assertThat(withProbabilities(0.5, Double.NaN).hasNaN()).isTrue();
    assertThat(withProbabilities(0.5, 0.5).hasNaN()).isFalse();
    assertThat(Output.of(Double.POSITIVE_INFINITY).hasNaN()).isFalse();
    assertThat(Output.of("NaN").hasNaN()).isFalse();
  }

  @Test
  void anOutputHasATensorAndProbabilitiesAClassEach() {
    assertThatIllegalArgumentException().isThrownBy(() -> new Output(List.of(), Optional.empty())).withMessage("an output has at least one tensor");
    assertThatIllegalArgumentException().isThrownBy(() -> withProbabilities(1)).withMessage("2 classes, 1 probabilities");
  }

  @Test
  void probabilitiesAreFoundByLabel() {
    ClassProbabilities probabilities = withProbabilities(0.25, 0.75).probabilities().orElseThrow();

    assertThat(probabilities.of("no")).isEqualTo(0.75);
    assertThat(probabilities.of("perhaps")).isZero();
  }

  private static Output withProbabilities(double... values) {
    return new Output(Output.of("yes").tensors(), Optional.of(new ClassProbabilities(List.of("yes", "no"), values)));
  }
}
