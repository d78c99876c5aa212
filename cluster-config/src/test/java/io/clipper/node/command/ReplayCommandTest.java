package io.clipper.node.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.clipper.node.terminal.Terminal;
import io.clipper.storage.Database;
import io.clipper.storage.Schema;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReplayCommandTest {
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @TempDir private Path folder = Path.of("");

  @Test
  void policiesAreComparedAndDrawn() throws IOException {
    Path svg = folder.resolve("curves.svg");
    assertThat(run("replay", file("label,a,b", "3,3,8", "4,4,1", "cat,cat,dog"), "--policy", "single,fixed-share", "--svg", svg.toString())).isZero();

    assertThat(out.toString()).contains("3 queries", "a:1", "0.0000", "b:1", "1.0000", "single", "fixed-share", "next: ./clipper app update APP --policy");
    assertThat(Files.readString(svg)).startsWith("<svg ");
  }

  @Test
  void optionsContextsAndFeaturesAreTaken() throws IOException {
    String file = file("label,a,b,user,x", "3,3,8,ann,0.5", "4,4,1,bob,-1");
    List<String> words =
        List.of(file, "--policy", "exp3:eta=0.05,square-cb", "--context-column", "user", "--feature-columns", "x", "--late-loss", "0.2");

    assertThat(run("replay", words)).isZero();

    assertThat(out.toString()).contains("2 queries", "exp3:eta=0.05", "square-cb", "a:1", "b:1").doesNotContain("user", "x:1");
  }

  @Test
  void whatOthersWouldHaveLostIsEstimatedWhereOneModelWasPlayed() throws IOException {
    String file = file("model,probability,loss", "a,0.5,0", "b,0.5,1", "a,0.25,0", "b,0.75,1");

    assertThat(run("replay", file, "--off-policy", "--policy", "exp3,single")).isZero();

    assertThat(out.toString()).contains("4 queries that played one model each; their mean loss is 0.5000", "always a:1", "always b:1", "exp3");
    assertThat(out.toString()).contains("next: ./clipper app update APP --policy single");
  }

  @Test
  void bothArePrintedAsJson() throws IOException {
    assertThat(run("replay", file("label,a,b", "3,3,8", "4,4,1"), "--policy", "exp3:eta=0.05", "--json")).isZero();
    JsonNode replayed = new ObjectMapper().readTree(out.toString());
    assertThat(replayed.path("queries").asInt()).isEqualTo(2);
    assertThat(replayed.path("models").path(1).path("mean_loss").asDouble()).isEqualTo(1);
    assertThat(replayed.path("policies").path(0).path("policy").asText()).isEqualTo("exp3:eta=0.05");
    assertThat(replayed.path("policies").path(0).path("curve").path(1).path("weights")).hasSize(2);

    out.getBuffer().setLength(0);
    assertThat(run("replay", file("model,probability,reward", "a,0.5,1", "b,0.5,0"), "--off-policy", "--policy", "single", "--json")).isZero();
    JsonNode estimated = new ObjectMapper().readTree(out.toString());
    assertThat(estimated.path("mean_loss").asDouble()).isEqualTo(0.5);
    assertThat(estimated.path("models").path(1).path("inverse_propensity").asDouble()).isEqualTo(1);
    assertThat(estimated.path("policies").path(0).path("self_normalised").asDouble()).isZero();
  }

  @Test
  void wrongInputIsOneLine() throws IOException {
    List<List<String>> wrong =
        List.of(
            List.of(folder.resolve("none.csv").toString(), "--policy", "single"),
            List.of(file("label,a", "1,2"), "--policy", "best"),
            List.of(file("label,a", "1,2"), "--policy", "single", "--label-column", "truth"),
            List.of(file("label,a", "1,2"), "--policy", "single", "--loss", "hinge"),
            List.of(file("label,a", "1,cat"), "--policy", "single", "--loss", "squared"),
            List.of(file("label,a", "1,2"), "--policy", "single", "--combiner", "mode"),
            List.of(file("label,a", "1,2"), "--policy", "single", "--max-asked", "0"),
            List.of(file("label,a", "1,2,3"), "--policy", "single"),
            List.of(file("label,a", "1,2"), "--policy", "exp3:eta"),
            List.of(file("label,a", "1,2"), "--policy", "single", "--context-column", "user"),
            List.of(file("label,a", "1,2"), "--policy", "single", "--feature-columns", "x"),
            List.of(file("label,a", "1,2"), "--policy", "single", "--late-loss", "2"),
            List.of(file("label,a", "1,2"), "--policy", "single", "--off-policy"),
            List.of(file("model,probability,loss", "a,1,0"), "--policy", "fixed-share", "--off-policy"),
            List.of("--policy", "single"),
            List.of(file("label,a", "1,2"), "--app", "shop", "--policy", "single"));
    for (List<String> words : wrong) {
      err.getBuffer().setLength(0);
      assertThat(run("replay", words)).as(words.toString()).isEqualTo(2);
      assertThat(err.toString().strip().lines()).hasSize(1).allMatch(line -> line.startsWith("clipper: "));
    }
  }

  @Test
  void aStoreWithoutFeedbackOrWithoutAnythingIsOneLine() throws IOException {
    Files.createDirectory(folder.resolve("artifacts"));
    try (Database database = Database.at("jdbc:h2:file:" + folder.resolve("clipper").toAbsolutePath())) {
      Schema.prepare(database);
    }
    assertThat(run("replay", "--app", "shop", "--data", folder.toString(), "--policy", "single")).isEqualTo(2);
    assertThat(err.toString().strip()).startsWith("clipper: nothing to replay of 'shop': the journal has 0 pieces of feedback");

    assertThat(run("replay", "--app", "shop", "--data", folder.resolve("none").toString(), "--policy", "single")).isEqualTo(1);
    assertThat(err.toString()).contains("there is no store in");
  }

  private int run(String verb, List<String> words) {
    String[] all = new String[words.size() + 1];
    all[0] = verb;
    System.arraycopy(words.toArray(new String[0]), 0, all, 1, words.size());
    return run(all);
  }

  private int run(String... words) {
    return ClipperCommand.line(new Terminal(new PrintWriter(out, true), new PrintWriter(err, true), false)).execute(words);
  }

  private String file(String... lines) throws IOException {
    return Files.write(Files.createTempFile(folder, "recorded", ".csv"), List.of(lines)).toString();
  }
}
