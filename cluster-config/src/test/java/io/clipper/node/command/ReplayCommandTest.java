package io.clipper.node.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.clipper.backup.Store;
import io.clipper.node.terminal.Terminal;
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
            List.of("--policy", "single"),
            List.of(file("label,a", "1,2"), "--app", "shop", "--policy", "single"));
    for (List<String> words : wrong) {
      err.getBuffer().setLength(0);
      assertThat(run("replay", words)).as(words.toString()).isEqualTo(2);
      assertThat(err.toString().strip().lines()).hasSize(1).allMatch(line -> line.startsWith("clipper: "));
    }
  }

  @Test
  void aStoreWithoutFeedbackOrWithoutAnythingIsOneLine() {
    try (Store store = Store.empty(folder)) {
      assertThat(store.folder()).isPresent();
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
