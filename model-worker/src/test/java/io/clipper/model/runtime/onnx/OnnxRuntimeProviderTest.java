package io.clipper.model.runtime.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtProvider;
import io.clipper.model.runtime.ModelLoadException;
import io.clipper.model.runtime.RuntimeSpec;
import io.clipper.model.runtime.ThreadBudget;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OnnxRuntimeProviderTest {
  private static final Path DIGITS = Path.of("../examples/digits/models");

  @TempDir private Path folder;

  @Test
  void aDamagedFileIsRefused() throws IOException {
    byte[] whole = Files.readAllBytes(OnnxModels.file("linear-texts"));
    Path half = Files.write(folder.resolve("half.onnx"), Arrays.copyOf(whole, whole.length / 2));

    assertRefused(half, "the file is no ONNX model, or it is damaged");
  }

  @Test
  void aFileThatIsNoModelIsRefused() throws IOException {
    assertRefused(Files.writeString(folder.resolve("text.onnx"), "not a model\n"), "the file is no ONNX model, or it is damaged");
  }

  @Test
  void anEmptyFileIsRefused() throws IOException {
    assertRefused(Files.createFile(folder.resolve("empty.onnx")), "the ONNX file is empty");
  }

  @Test
  void aFolderIsRefused() {
    assertRefused(folder, "an ONNX model is a file, and the artifact is a folder");
  }

  @Test
  void aFileThatIsNotThereIsRefused() {
    assertRefused(folder.resolve("none.onnx"), "the ONNX file cannot be read");
  }

  @Test
  void aGpuIsRefusedByABuildThatCannotUseIt() {
    Assumptions.assumeFalse(OrtEnvironment.getAvailableProviders().contains(OrtProvider.CUDA), "this build has CUDA");
    RuntimeSpec onGpu = new RuntimeSpec.Onnx(Optional.of("cuda:0"));

    assertThatExceptionOfType(ModelLoadException.class)
        .isThrownBy(() -> new OnnxRuntimeProvider().load(onGpu, Optional.of(OnnxModels.file("linear-texts")), new ThreadBudget(1)))
        .withMessageStartingWith("device cuda:0: this build's ONNX Runtime is for processors only; build with mvn -Pcuda");
  }

  @Test
  void aDeviceIsTheProcessorOrAGpu() {
    assertThat(new RuntimeSpec.Onnx(Optional.of("cpu"))).isEqualTo(new RuntimeSpec.Onnx());
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new RuntimeSpec.Onnx(Optional.of("tpu")))
        .withMessage("a device is cpu or cuda:N, such as cuda:0, and not 'tpu'");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "sequence-input | the ONNX model cannot be served: input 'x' is not a tensor",
        "sequence-output | the ONNX model cannot be served: output 'y' is neither a tensor nor a sequence of maps",
        "complex-input"
            + " | ONNX Runtime refuses the model: tensor(complex64) is not currently registered or supported",
        "maps-without-label | the ONNX model cannot be served: output 'y' is a sequence of maps, and no label is beside it",
        "no-batch | the ONNX model cannot be served: input 'x' has no batch dimension",
        "fixed-five"
            + " | the ONNX model cannot be served: input 'x' has the fixed shape [5, 4]; its first dimension, the batch, has to be dynamic or 1",
      })
  void aGraphThatCannotBeServedSaysWhy(String name, String message) {
    assertRefused(OnnxModels.file(name), message);
  }

  /** In a process of its own with a heap of one size, so that what grows is not the heap; only where the system tells resident memory. */
  @Test
  void aHundredLoadsAndUnloadsKeepResidentMemory() throws IOException {
    Assumptions.assumeTrue(Files.exists(Path.of("/proc/self/status")));
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-Xms64m",
                "-Xmx64m",
                "-XX:+AlwaysPreTouch",
                "-cp",
                System.getProperty("java.class.path"),
                LoadsAndUnloads.class.getName(),
                DIGITS.resolve("random-forest/1/model.onnx").toString())
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();

    List<Long> resident;
    try (BufferedReader lines = process.inputReader()) {
      resident = lines.lines().map(Long::valueOf).toList();
    }

    assertThat(resident).hasSize(2);
    assertThat(resident.getLast()).isBetween(resident.getFirst() * 8 / 10, resident.getFirst() * 12 / 10);
  }

  private static void assertRefused(Path file, String message) {
    assertThatExceptionOfType(ModelLoadException.class).isThrownBy(() -> OnnxModels.load(file)).withMessage(message);
  }
}
