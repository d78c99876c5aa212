package io.clipper.model.runtime.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import io.clipper.model.ClassProbabilities;
import io.clipper.model.Datatype;
import io.clipper.model.NamedTensor;
import io.clipper.model.Output;
import io.clipper.model.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OnnxClassifierTest {
  private static final Tensor FIRST = Tensor.ofDoubles(0, 0);
  private static final Tensor SECOND = Tensor.ofDoubles(4, 4);
  private static final Tensor THIRD = Tensor.ofDoubles(8, 8);

  @ParameterizedTest
  @ValueSource(strings = {"linear-numbers", "linear-numbers-zipmap", "tree-numbers", "network-numbers", "bayes-numbers", "calibrated-numbers"})
  void wholeNumbersNameTheClasses(String name) {
    List<Output> outputs = OnnxModels.predict(name, FIRST, SECOND, THIRD);

    assertThat(outputs).extracting(Output::first).containsExactly(scalar(3), scalar(5), scalar(9));
    outputs.forEach(output -> assertLabelIsMostProbable(output, "3", "5", "9"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"linear-texts", "linear-texts-zipmap", "tree-texts", "network-texts", "bayes-texts", "calibrated-texts"})
  void textsNameTheClasses(String name) {
    List<Output> outputs = OnnxModels.predict(name, FIRST, SECOND, THIRD);

    assertThat(outputs).extracting(Output::first).containsExactly(scalar("ant"), scalar("bee"), scalar("cat"));
    outputs.forEach(output -> assertLabelIsMostProbable(output, "ant", "bee", "cat"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"linear-two", "linear-two-zipmap", "tree-two", "network-two", "bayes-two", "calibrated-two"})
  void twoClassesHaveTwoProbabilities(String name) {
    List<Output> outputs = OnnxModels.predict(name, FIRST, SECOND);

    assertThat(outputs).extracting(output -> output.label().orElseThrow()).containsExactly("no", "yes");
    outputs.forEach(output -> assertLabelIsMostProbable(output, "no", "yes"));
  }

  @Test
  void probabilitiesAreNotRepeatedAsATensor() {
    assertThat(OnnxModels.predict("linear-numbers", FIRST).getFirst().tensors()).extracting(NamedTensor::name).containsExactly("label");
  }

  @Test
  void classesPickedFromAConstantNodeAreFound() {
    Output output = OnnxModels.predict("gathered-labels", Tensor.ofFloats(0.25f, 0.5f, 0.25f)).getFirst();

    assertThat(output.label()).hasValue("b");
    assertThat(output.probabilities()).hasValue(new ClassProbabilities(List.of("a", "b", "c"), new double[] {0.25, 0.5, 0.25}));
  }

  @Test
  void labelsThatNameNoClassesCountFromZeroAndComeFirst() {
    Output output = OnnxModels.predict("counted-labels", Tensor.ofFloats(0.25f, 0.5f, 0.25f)).getFirst();

    assertThat(output.tensors()).containsExactly(new NamedTensor("label", scalar(1)));
    assertThat(output.probabilities()).hasValue(new ClassProbabilities(List.of("0", "1", "2"), new double[] {0.25, 0.5, 0.25}));
  }

  @Test
  void columnsThatAreNoProbabilitiesStayATensor() {
    List<Output> outputs = OnnxModels.predict("counted-labels", Tensor.ofFloats(-3, 8, 1), Tensor.ofFloats(1, 0, 0));

    assertThat(outputs).allSatisfy(output -> assertThat(output.tensors()).extracting(NamedTensor::name).containsExactly("label", "probabilities"));
    assertThat(outputs.getFirst().probabilities()).isEmpty();
    assertThat(outputs.getFirst().tensors().getLast().tensor()).isEqualTo(Tensor.ofFloats(-3, 8, 1));
  }

  @Test
  void probabilitiesThatAreNotANumberStayVisible() {
    assertThat(OnnxModels.predict("counted-labels", Tensor.ofFloats(Float.NaN, 0, 0)).getFirst().hasNaN()).isTrue();
  }

  @Test
  void aWholeNumberBesideAnEmbeddingIsNoClassifier() {
    Output output = OnnxModels.predict("label-and-embedding", Tensor.ofFloats(0, 0, 1)).getFirst();

    assertThat(output.probabilities()).isEmpty();
    assertThat(output.tensors()).containsExactly(new NamedTensor("label", scalar(2)), new NamedTensor("embedding", Tensor.ofFloats(0, 0, 1)));
  }

  @Test
  void aRegressorAnswersNumbers() {
    List<Output> outputs = OnnxModels.predict("regressor", FIRST, THIRD);

    assertThat(outputs).allSatisfy(output -> assertThat(output.first().datatype()).isEqualTo(Datatype.FP32));
    assertThat(outputs).allSatisfy(output -> assertThat(output.first().shape()).isEmpty());
    assertThat(outputs.getFirst().number().orElseThrow()).isBetween(-5.0, 5.0);
    assertThat(outputs.getLast().number().orElseThrow()).isBetween(75.0, 85.0);
  }

  private static void assertLabelIsMostProbable(Output output, String... classes) {
    ClassProbabilities probabilities = output.probabilities().orElseThrow();
    assertThat(probabilities.classes()).containsExactly(classes);
    double total = 0;
    for (int i = 0; i < probabilities.size(); i++) {
      total += probabilities.at(i);
    }
    assertThat(total).isBetween(0.999, 1.001);
    assertThat(probabilities.of(output.label().orElseThrow())).isGreaterThan(0.5);
  }

  private static Tensor scalar(long label) {
    return Tensor.ofLongs(label).reshaped();
  }

  private static Tensor scalar(String label) {
    return Tensor.ofStrings(label).reshaped();
  }
}
