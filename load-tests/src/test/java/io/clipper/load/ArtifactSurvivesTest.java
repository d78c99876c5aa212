package io.clipper.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ArtifactSurvivesTest {
  private static final Path DIGITS = Path.of("..", "examples", "digits");
  private static final int ROWS = 20;

  @Test
  void aDeployedFileIsNotNeededAgain(@TempDir Path folder) throws IOException {
    Path data = folder.resolve("data");
    Path usersFile = Files.copy(DIGITS.resolve("models/logistic-regression/1/model.onnx"), folder.resolve("model.onnx"));
    List<String> before;
    try (NodeProcess node = NodeProcess.start(data)) {
      deploy(node, usersFile);
      before = answers(node);
      Files.delete(usersFile);
      node.kill();
    }

    List<String> after;
    try (NodeProcess node = NodeProcess.start(data)) {
      after = answers(node);
    }

    assertThat(after).isEqualTo(before).doesNotContain(Served.DEFAULT_OUTPUT);
  }

  private static void deploy(NodeProcess node, Path file) throws IOException {
    try (HttpConnection admin = new HttpConnection(node.adminAddress())) {
      HttpConnection.Answer deployed =
          admin.post("/admin/deploy?name=logistic&app=handwriting&slo_micros=10000000&default_output=-1", Files.readAllBytes(file));
      assertThat(deployed.isOk()).as("%s", deployed).isTrue();
    }
  }

  /** The classes of the first held-out digits. */
  private static List<String> answers(NodeProcess node) throws IOException {
    List<String> answers = new ArrayList<>();
    try (HttpConnection connection = new HttpConnection(node.queryAddress())) {
      for (String row : Files.readAllLines(DIGITS.resolve("held-out.csv")).subList(1, ROWS + 1)) {
        String pixels = row.substring(row.indexOf(',') + 1);
        HttpConnection.Answer answer = connection.post("/handwriting/predict", "{\"input\":[" + pixels + "]}");
        assertThat(answer.body().path("default").asBoolean(true)).as("%s", answer).isFalse();
        answers.add(answer.body().path("output").asText());
      }
    }
    return answers;
  }
}
