package io.clipper.model.runtime.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import io.clipper.model.runtime.ThreadBudget;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class OnnxEnvironmentTest {
  /** What a class path of some hundred jars is long; Linux takes 128 KiB in one argument. */
  private static final int LONG = 100_000;

  @Test
  void aProcessWithALongCommandLineStarts() throws IOException, InterruptedException {
    ProcessBuilder builder =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:+UseSerialGC",
            "-cp",
            System.getProperty("java.class.path"),
            Starts.class.getName(),
            "x".repeat(LONG));
    builder.environment().remove("ORT_DISABLE_TELEMETRY");

    int exit = builder.redirectOutput(ProcessBuilder.Redirect.DISCARD).redirectError(ProcessBuilder.Redirect.DISCARD).start().waitFor();

    assertThat(exit).isZero();
  }

  /** A program that starts ONNX Runtime. */
  static final class Starts {
    private Starts() {}

    public static void main(String[] arguments) {
      System.out.println(OnnxEnvironment.within(new ThreadBudget(1)).environment());
    }
  }
}
