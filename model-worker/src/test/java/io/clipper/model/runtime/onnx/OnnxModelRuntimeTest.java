package io.clipper.model.runtime.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.clipper.model.Datatype;
import io.clipper.model.Input;
import io.clipper.model.NamedTensor;
import io.clipper.model.Output;
import io.clipper.model.Signature;
import io.clipper.model.Tensor;
import io.clipper.model.TensorSpec;
import io.clipper.model.runtime.ModelRuntime;
import io.clipper.model.runtime.ThreadBudget;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class OnnxModelRuntimeTest {
  @ParameterizedTest
  @EnumSource(Datatype.class)
  void everyDatatypeGoesInAndComesOut(Datatype datatype) {
    List<Tensor> rows = IntStream.range(0, 5).mapToObj(seed -> random(datatype, 3, seed)).toList();

    List<Output> outputs = OnnxModels.predict("identity-" + datatype.name().toLowerCase(Locale.ROOT), rows.toArray(Tensor[]::new));

    assertThat(outputs).extracting(Output::first).isEqualTo(rows);
  }

  @ParameterizedTest
  @EnumSource(Datatype.class)
  void theSignatureIsTheGraphsWithoutTheBatch(Datatype datatype) {
    try (ModelRuntime model = OnnxModels.load("identity-" + datatype.name().toLowerCase(Locale.ROOT))) {
      assertThat(model.signature()).isEqualTo(new Signature(List.of(new TensorSpec("x", datatype, List.of(3L)))));
    }
  }

  @Test
  void dynamicExtentsAreMinusOneInTheSignature() {
    try (ModelRuntime model = OnnxModels.load("dynamic-pairs")) {
      assertThat(model.signature().tensors()).containsExactly(new TensorSpec("x", Datatype.FP32, List.of(-1L, 2L)));
    }
  }

  @Test
  void aGraphOfOneDimensionHasScalarRows() {
    try (ModelRuntime model = OnnxModels.load("scalar-rows")) {
      assertThat(model.signature().tensors()).containsExactly(new TensorSpec("x", Datatype.FP32, List.of()));
      assertThat(OnnxModels.predict(model, List.of(Input.doubles(2), Input.doubles(-7))))
          .extracting(output -> output.number().orElseThrow())
          .containsExactly(-2.0, 7.0);
    }
  }

  @Test
  void numbersOfAnotherTypeAreConverted() {
    List<Output> outputs = OnnxModels.predict("sum-of-row", Tensor.ofDoubles(0.5, 1), Tensor.ofInts(3, 4), Tensor.ofUnsignedBytes(new byte[] {-1, 1}));

    assertThat(outputs).extracting(output -> output.number().orElseThrow()).containsExactly(1.5, 7.0, 256.0);
  }

  @Test
  void inputsOfDifferentShapesReturnInOrder() {
    Tensor[] rows = {Tensor.ofFloats(1), Tensor.ofFloats(2, 3), Tensor.ofFloats(4), Tensor.ofFloats(5, 6, 7), Tensor.ofFloats(8, 9)};

    List<Output> outputs = OnnxModels.predict("dynamic", rows);

    assertThat(outputs)
        .extracting(Output::first)
        .containsExactly(
            Tensor.ofFloats(1).reshaped(), Tensor.ofFloats(2, 3), Tensor.ofFloats(4).reshaped(), Tensor.ofFloats(5, 6, 7), Tensor.ofFloats(8, 9));
  }

  @Test
  void aGraphOfOneRowIsRunRowByRow() {
    List<Output> outputs = OnnxModels.predict("fixed-one", Tensor.ofFloats(1, 2, 3, 4), Tensor.ofFloats(5, 6, 7, 8));

    assertThat(outputs).extracting(Output::first).containsExactly(Tensor.ofFloats(1, 2, 3, 4), Tensor.ofFloats(5, 6, 7, 8));
  }

  @Test
  void aVectorTakesTheShapeOfTheGraphsRow() {
    float[] pixels = new float[64];
    pixels[63] = 7;

    List<Output> outputs = OnnxModels.predict("matrix", Tensor.ofFloats(pixels));

    assertThat(outputs.getFirst().first()).isEqualTo(Tensor.ofFloats(pixels).reshaped(8, 8));
  }

  @Test
  void severalInputsAreMatchedByName() {
    try (ModelRuntime model = OnnxModels.load("several-inputs")) {
      Input input =
          new Input(
              List.of(
                  new NamedTensor("name", Tensor.ofStrings("Zoë").reshaped()),
                  new NamedTensor("count", Tensor.ofLongs(3)),
                  new NamedTensor("x", Tensor.ofFloats(1, 2))));

      Output output = OnnxModels.predict(model, List.of(input)).getFirst();

      assertThat(output.tensors())
          .containsExactly(
              new NamedTensor("scaled", Tensor.ofFloats(3, 6)), new NamedTensor("same_name", Tensor.ofStrings("Zoë").reshaped()));
    }
  }

  @Test
  void aMissingInputIsNamed() {
    try (ModelRuntime model = OnnxModels.load("several-inputs")) {
      Input input = new Input(List.of(new NamedTensor("x", Tensor.ofFloats(1, 2)), new NamedTensor("counts", Tensor.ofLongs(3))));

      assertThatThrownBy(() -> OnnxModels.predict(model, List.of(input)))
          .isInstanceOf(CompletionException.class)
          .hasRootCauseMessage("input 'count' is missing");
    }
  }

  @Test
  void aWrongNumberOfElementsNamesBothShapes() {
    assertThatThrownBy(() -> OnnxModels.predict("matrix", Tensor.ofFloats(1, 2, 3)))
        .hasRootCauseMessage("input 'x' has shape [3], expected [8, 8]");
  }

  @Test
  void textForANumberIsRefused() {
    assertThatThrownBy(() -> OnnxModels.predict("scalar-rows", Tensor.ofStrings("1")))
        .hasRootCauseMessage("input 'x' is BYTES, the model takes FP32");
    assertThatThrownBy(() -> OnnxModels.predict("identity-bytes", Tensor.ofLongs(1, 2, 3)))
        .hasRootCauseMessage("input 'x' is INT64, the model takes BYTES");
  }

  @Test
  void bytesThatAreNoTextAreRefused() {
    Tensor blobs = Tensor.wrap(Datatype.BYTES, new long[] {3}, new byte[] {1, 0, 0, 0, -1, 0, 0, 0, 0, 0, 0, 0, 0});

    assertThatThrownBy(() -> OnnxModels.predict("identity-bytes", blobs))
        .hasRootCauseMessage("input 'x' has bytes that are no UTF-8, and the strings of ONNX are text");
  }

  @Test
  void everyCharacterComesBackAsItWentIn() {
    Tensor texts = Tensor.ofStrings("🙂", "a\0b", "٣");

    assertThat(OnnxModels.predict("identity-bytes", texts)).extracting(Output::first).containsExactly(texts);
  }

  @Test
  void aModelThatForgetsTheBatchFailsTheBatch() {
    assertThatThrownBy(() -> OnnxModels.predict("sum-of-batch", Tensor.ofFloats(1, 2, 3), Tensor.ofFloats(4, 5, 6)))
        .hasMessageContaining("for a batch of 2");
  }

  @Test
  void aFailedBatchLeavesTheModelUsable() {
    try (ModelRuntime model = OnnxModels.load("matrix")) {
      assertThatThrownBy(() -> OnnxModels.predict(model, List.of(Input.doubles(1)))).isInstanceOf(CompletionException.class);

      assertThat(OnnxModels.predict(model, List.of(Input.doubles(new double[64])))).hasSize(1);
    }
  }

  @Test
  void anEmptyBatchHasNoOutputs() {
    assertThat(OnnxModels.predict("matrix")).isEmpty();
  }

  @Test
  void batchesRunOnThreadsOfTheRuntime() {
    try (ModelRuntime model = OnnxModels.load("scalar-rows")) {
      CompletableFuture<Thread> ran = new CompletableFuture<>();
      OnnxEnvironment.within(new ThreadBudget(1)).threads().execute(() -> ran.complete(Thread.currentThread()));

      assertThat(OnnxModels.predict(model, List.of(Input.doubles(1)))).hasSize(1);
      assertThat(ran.join().getName()).matches("onnx-\\d+");
      assertThat(ran.join().isDaemon()).isTrue();
    }
  }

  @Test
  void batchesAcceptedBeforeTheCloseAreAnsweredAndLaterOnesRefused() {
    ModelRuntime model = OnnxModels.load("dynamic");
    List<CompletableFuture<List<Output>>> accepted =
        IntStream.range(0, 50).mapToObj(i -> model.predict(List.of(Input.doubles(i, i))).toCompletableFuture()).toList();

    model.close();

    assertThat(accepted).allSatisfy(answer -> assertThat(answer.join()).hasSize(1));
    assertThatThrownBy(() -> OnnxModels.predict(model, List.of(Input.doubles(1)))).hasRootCauseMessage("the model is closed");
    model.close();
  }

  @Test
  void largerAndSmallerBatchesShareTheBuffers() {
    try (ModelRuntime model = OnnxModels.load("sum-of-row")) {
      for (int rows : new int[] {1, 100, 3, 1000, 1}) {
        List<Input> batch = IntStream.range(0, rows).mapToObj(i -> Input.doubles(i, 0.5)).toList();

        List<Output> outputs = OnnxModels.predict(model, batch);

        assertThat(outputs).hasSize(rows);
        assertThat(outputs.getLast().number()).hasValue(rows - 0.5);
      }
    }
  }

  private static Tensor random(Datatype datatype, int elements, int seed) {
    Random random = new Random(seed);
    if (datatype == Datatype.BYTES) {
      return Tensor.ofStrings("", "Grüße " + seed, Long.toString(random.nextLong()));
    }
    byte[] bytes = new byte[elements * datatype.elementBytes()];
    random.nextBytes(bytes);
    if (datatype == Datatype.BOOL) {
      for (int i = 0; i < bytes.length; i++) {
        bytes[i] &= 1;
      }
    }
    return Tensor.wrap(datatype, new long[] {elements}, bytes);
  }
}
