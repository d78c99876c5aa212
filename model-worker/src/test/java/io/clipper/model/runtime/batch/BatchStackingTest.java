package io.clipper.model.runtime.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.clipper.model.Datatype;
import io.clipper.model.Input;
import io.clipper.model.NamedTensor;
import io.clipper.model.Signature;
import io.clipper.model.Tensor;
import io.clipper.model.TensorSpec;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class BatchStackingTest {
  @Test
  void inputsOfEqualShapeGoTogether() {
    List<BatchStacking.Run> runs = stacking(-1, -1).runs(vectors(2, 3, 2, 2, 3));

    assertThat(runs).extracting(BatchStacking.Run::rows).containsExactly(List.of(0, 2, 3), List.of(1, 4));
    assertThat(runs.getFirst().shapes().getFirst()).containsExactly(3, 2);
    assertThat(runs.getLast().shapes().getFirst()).containsExactly(2, 3);
  }

  @Test
  void everyInputGoesAloneWhereTheGraphTakesOne() {
    assertThat(stacking(1, 2).runs(vectors(2, 2))).extracting(BatchStacking.Run::rows).containsExactly(List.of(0), List.of(1));
  }

  @Test
  void oneDynamicExtentFollowsFromTheRest() {
    assertThat(shapeFor(Tensor.ofInts(1, 2, 3, 4), -1, -1, 2)).containsExactly(2, 2);
    assertThat(shapeFor(Tensor.ofInts(1, 2, 3, 4), -1, 1, 4)).containsExactly(1, 4);
    assertThat(shapeFor(Tensor.ofInts(7), -1)).isEmpty();
  }

  @Test
  void aNumberOfElementsThatCannotFitIsRefused() {
    assertRefused(Tensor.ofInts(1, 2, 3), "input 'x' has shape [3], expected [-1, 2]", -1, -1, 2);
    assertRefused(Tensor.ofInts(1, 2, 3), "input 'x' has shape [3], expected [8, 8]", -1, 8, 8);
    assertRefused(Tensor.ofInts(1, 2, 3), "input 'x' has shape [3], expected [-1, -1]", -1, -1, -1);
    assertRefused(Tensor.ofInts(1, 2), "input 'x' has shape [2], expected []", -1);
  }

  @Test
  void tensorsThatTheGraphDoesNotTakeAreRefused() {
    NamedTensor x = new NamedTensor("x", Tensor.ofInts(1));
    NamedTensor more = new NamedTensor("more", Tensor.ofInts(1));

    assertThatIllegalArgumentException()
        .isThrownBy(() -> stacking(-1, 1).runs(List.of(new Input(List.of(x, more)))))
        .withMessage("2 tensors given, expected 1");
  }

  /** A missing tensor and one without elements are not the same, nor are a missing tensor and a scalar. */
  @Test
  void inputsThatLackATensorGoTogetherAndApartFromThoseThatHaveIt() {
    BatchedInput x = BatchedInput.of("x", Datatype.INT32, new long[] {-1});
    BatchedInput mask = BatchedInput.of("mask", Datatype.INT32, new long[] {-1}).asOptional();
    NamedTensor one = new NamedTensor("x", Tensor.ofInts(1).reshaped());
    NamedTensor masked = new NamedTensor("mask", Tensor.ofInts(0).reshaped());
    Input without = new Input(List.of(one));
    Input with = new Input(List.of(masked, one));

    List<BatchStacking.Run> runs = new BatchStacking(List.of(mask, x)).runs(List.of(without, with, without, with));

    assertThat(runs).extracting(BatchStacking.Run::rows).containsExactly(List.of(0, 2), List.of(1, 3));
    assertThat(runs).extracting(BatchStacking.Run::inputs).containsExactly(List.of(x), List.of(mask, x));
    assertThat(runs.getFirst().tensors()).containsExactly(List.of(one.tensor(), one.tensor()));
    assertThat(runs.getLast().tensors()).containsExactly(List.of(masked.tensor(), masked.tensor()), List.of(one.tensor(), one.tensor()));
    assertThat(runs.getLast().shapes()).containsExactly(new long[] {2}, new long[] {2});
  }

  @Test
  void aTensorThatTheModelNeedsIsMissed() {
    BatchedInput x = BatchedInput.of("x", Datatype.INT32, new long[] {-1, 1});
    BatchStacking stacking = new BatchStacking(List.of(x, BatchedInput.of("mask", Datatype.INT32, new long[] {-1, 1}).asOptional()));

    assertThatIllegalArgumentException()
        .isThrownBy(() -> stacking.runs(List.of(new Input(List.of(new NamedTensor("mask", Tensor.ofInts(1)))))))
        .withMessage("input 'x' is missing");
  }

  @Test
  void numbersOfAsManyElementsMayBeTaken() {
    assertThat(mayTake(one(Datatype.FP32, 4), Signature.named("doubles"))).isTrue();
    assertThat(mayTake(one(Datatype.FP32, 28, 28), Signature.named("floats"))).isTrue();
    assertThat(mayTake(one(Datatype.FP32, 28, 28), one(Datatype.INT32, 784))).isTrue();
    assertThat(mayTake(one(Datatype.FP32, -1, 3), one(Datatype.FP32, 6))).isTrue();
    assertThat(mayTake(one(Datatype.BYTES), Signature.named("strings"))).isTrue();
    assertThat(mayTake(one(Datatype.FP32, -1, -1), one(Datatype.FP32, 2, 3))).isTrue();
  }

  @Test
  void whatNoInputOfADescriptionFitsIsKnownBeforeThereIsOne() {
    assertThat(mayTake(one(Datatype.FP32, 4), Signature.named("strings"))).isFalse();
    assertThat(mayTake(one(Datatype.BYTES, 1), Signature.named("doubles"))).isFalse();
    assertThat(mayTake(one(Datatype.FP32, 4), one(Datatype.FP32, 5))).isFalse();
    assertThat(mayTake(one(Datatype.FP32, 4), one(Datatype.FP32, -1, 3))).isFalse();
    assertThat(mayTake(one(Datatype.FP32, -1, 3), one(Datatype.FP32, 7))).isFalse();
    assertThat(mayTake(one(Datatype.FP32, -1, -1), one(Datatype.FP32, 6))).isFalse();
  }

  @Test
  void severalTensorsMayBeTakenByTheirNames() {
    Signature two = two("a", "b");

    assertThat(mayTake(two, two("b", "a"))).isTrue();
    assertThat(mayTake(two, two("a", "c"))).isFalse();
    assertThat(mayTake(two, one(Datatype.FP32, 2))).isFalse();
  }

  @Test
  void whatAModelNeedsIsAlwaysThereAndTheRestMayBe() {
    TensorSpec needed = new TensorSpec("a", Datatype.FP32, List.of(2L));
    TensorSpec mask = BatchedInput.of("mask", Datatype.FP32, new long[] {-1, 2}).asOptional().row();
    Signature model = new Signature(List.of(needed, mask));

    assertThat(mayTake(model, new Signature(List.of(needed)))).isTrue();
    assertThat(mayTake(model, model)).isTrue();
    assertThat(mayTake(two("a", "mask"), model)).isFalse();
    assertThat(mayTake(model, new Signature(List.of(mask)))).isFalse();
  }

  private static boolean mayTake(Signature model, Signature given) {
    return BatchStacking.mayTake(model, given);
  }

  private static Signature one(Datatype datatype, long... shape) {
    return new Signature(List.of(new TensorSpec("x", datatype, Arrays.stream(shape).boxed().toList())));
  }

  private static Signature two(String first, String second) {
    return new Signature(List.of(new TensorSpec(first, Datatype.FP32, List.of(2L)), new TensorSpec(second, Datatype.FP32, List.of(2L))));
  }

  private static void assertRefused(Tensor tensor, String message, long... graphShape) {
    assertThatIllegalArgumentException().isThrownBy(() -> shapeFor(tensor, graphShape)).withMessage(message);
  }

  private static long[] shapeFor(Tensor tensor, long... graphShape) {
    return BatchedInput.of("x", Datatype.INT32, graphShape).shapeFor(tensor);
  }

  private static BatchStacking stacking(long... graphShape) {
    return new BatchStacking(List.of(BatchedInput.of("x", Datatype.FP64, graphShape)));
  }

  private static List<Input> vectors(int... lengths) {
    return Arrays.stream(lengths).mapToObj(length -> Input.doubles(new double[length])).toList();
  }
}
