package io.clipper.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddingTest {
  private static final Path DIGITS = Path.of("../digits");

  @Test
  void theProgramPredictsInItsOwnJvm(@TempDir Path data) throws Exception {
    ByteArrayOutputStream out = new ByteArrayOutputStream();

    Embedding.run(
        DIGITS.resolve("models/logistic-regression/1/model.onnx"),
        DIGITS.resolve("held-out.csv"),
        data,
        Duration.ofMinutes(1),
        new PrintStream(out, true, StandardCharsets.UTF_8));

    assertThat(out.toString(StandardCharsets.UTF_8))
        .contains("stage: 7, truly 7", "learned from 1 label", "message: 9", "stream: 726 of 750 right");
  }
}
