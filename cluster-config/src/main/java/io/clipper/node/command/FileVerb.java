package io.clipper.node.command;

import io.clipper.node.client.Answer;
import io.clipper.node.client.NodeClient;
import io.clipper.node.file.Csv;
import io.clipper.node.file.FilePrediction;
import io.clipper.node.file.Rows;
import io.clipper.node.file.Rows.Row;
import io.clipper.node.terminal.LiveLines;
import io.clipper.node.terminal.ProgressBar;
import io.clipper.node.terminal.Terminal;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.stream.Stream;

/** {@code predict --file}: rows in, rows out, and a bar on the error stream, so that the answers may go to the output. */
record FileVerb(
    Terminal terminal,
    LongSupplier nanoClock,
    Path file,
    Optional<Path> out,
    Optional<String> labelColumn,
    int concurrency,
    boolean progress,
    boolean json) {
  private static final int EVERY = 25;

  int run(Function<Row, CompletableFuture<Answer>> ask, String application) throws IOException {
    int total = rowsOf(file);
    Count count = new Count(total);
    LiveLines bar = new LiveLines(new Terminal(terminal.err(), terminal.err(), progress || terminal.interactive()));
    try (BufferedReader lines = Files.newBufferedReader(file, StandardCharsets.UTF_8);
        PrintWriter writer = out.isPresent() ? writer(out.get()) : uncloseable(terminal.out())) {
      writer.println(Csv.line(FilePrediction.HEADING));
      new FilePrediction(concurrency, ask, nanoClock)
          .run(
              new Rows(lines.lines().filter(line -> !line.isBlank()).iterator(), labelColumn),
              written -> {
                writer.println(Csv.line(written.cells()));
                count.add(written);
                if (count.rows % EVERY == 0) {
                  bar.frame(List.of(count.bar()));
                }
              });
      writer.flush();
      if (writer.checkError()) {
        throw new IOException("could not write " + out.map(Path::toString).orElse("the output"));
      }
    }
    end(bar, count, application);
    return count.failed == 0 ? ClientVerb.OK : ClipperCommand.REFUSED;
  }

  private void end(LiveLines bar, Count count, String application) {
    if (json) {
      terminal.err().println(
          NodeClient.request()
              .put("rows", count.rows)
              .put("defaults", count.defaults)
              .put("failed", count.failed)
              .put("labelled", count.labelled)
              .put("right", count.right));
      return;
    }
    bar.last(List.of(count.bar()));
    terminal.err().println();
    terminal.err().println("next: ./clipper bench " + application);
  }

  private static int rowsOf(Path file) throws IOException {
    try (Stream<String> lines = Files.lines(file, StandardCharsets.UTF_8)) {
      return Math.toIntExact(Math.max(0, lines.filter(line -> !line.isBlank()).count() - 1));
    }
  }

  private static PrintWriter writer(Path path) throws IOException {
    return new PrintWriter(Files.newBufferedWriter(path, StandardCharsets.UTF_8));
  }

  private static PrintWriter uncloseable(PrintWriter shared) {
    return new PrintWriter(shared) {
      @Override
      public void close() {
        flush();
      }
    };
  }

  /** What has passed so far. */
  private static final class Count {
    private final int total;
    private int rows;
    private int defaults;
    private int failed;
    private int labelled;
    private int right;

    Count(int total) {
      this.total = total;
    }

    void add(FilePrediction.Written written) {
      rows++;
      switch (written.outcome()) {
        case FilePrediction.Answered answered -> {
          Answer answer = answered.answer();
          defaults += answer.isDefault() ? 1 : 0;
          labelled += written.row().label().isPresent() ? 1 : 0;
          right += written.row().label().filter(answer.output()::equals).isPresent() ? 1 : 0;
        }
        case FilePrediction.Failed ignored -> failed++;
      }
    }

    String bar() {
      StringBuilder words = new StringBuilder("%d of %d rows".formatted(rows, total));
      if (labelled > 0) {
        words.append(String.format(Locale.ROOT, ", %.1f %% right", 100.0 * right / labelled));
      }
      return ProgressBar.of(total == 0 ? 1 : (double) rows / total, words + ", %d defaults, %d failed".formatted(defaults, failed));
    }
  }
}
