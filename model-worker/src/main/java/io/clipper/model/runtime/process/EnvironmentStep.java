package io.clipper.model.runtime.process;

import io.clipper.model.runtime.ModelLoadException;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** One command of several that make an environment. It ends with the node, and all that it has started with it; the next node finds what does not. */
final class EnvironmentStep {
  sealed interface Outcome {}

  record Done() implements Outcome {}

  record Broken(String said) implements Outcome {}

  record Late(String said) implements Outcome {}

  private static final int LOOKS = 50;
  private static final Duration BETWEEN_LOOKS = Duration.ofMillis(100);

  private final Process process;
  private final Mark mark;
  private final Runnable forget;
  private final CompletableFuture<Void> over = new CompletableFuture<>();

  private EnvironmentStep(Process process, Mark mark, Runnable forget) {
    this.process = process;
    this.mark = mark;
    this.forget = forget;
  }

  /** @param patience from asking it to end to ending it, where its node is gone */
  static EnvironmentStep start(List<String> command, Duration patience, Orphans orphans) throws IOException {
    ProcessBuilder builder = new ProcessBuilder(Supervision.of(command, patience)).redirectErrorStream(true);
    Mark mark = Mark.fresh();
    mark.into(builder.environment());
    Process process = builder.start();
    return new EnvironmentStep(process, mark, orphans.listed(process, mark));
  }

  /** Blocks, once; {@code line} hears each line that it writes, from another thread. */
  Outcome await(Duration timeout, Consumer<String> line) throws ModelLoadException {
    try {
      Tail tail = new Tail();
      Thread reader = Thread.ofVirtual().start(() -> read(tail, line));
      if (!process.waitFor(timeout.toNanos(), TimeUnit.NANOSECONDS)) {
        return new Late(tail.text());
      }
      endOutput(reader);
      return process.exitValue() == 0 ? new Done() : new Broken(tail.text());
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new ModelLoadException("the node stops", interrupted);
    } finally {
      stop();
      forget.run();
      over.complete(null);
    }
  }

  /** What has outlived it may hold its output open. One that just begins is not always seen, so it is looked for again, but not for ever. */
  private void endOutput(Thread reader) throws InterruptedException {
    for (int looked = 0; looked < LOOKS && !reader.join(BETWEEN_LOOKS); looked++) {
      stop();
    }
  }

  /** Ends it and what it has started. */
  void stop() {
    Family.end(mark.bearers());
    Family.end(Family.of(process.toHandle()));
  }

  /** Completes when it has ended and been waited for. */
  CompletionStage<Void> over() {
    return over.copy();
  }

  private void read(Tail tail, Consumer<String> line) {
    try {
      Lines.read(
          process.getInputStream(),
          said -> {
            tail.add(said);
            line.accept(said);
          });
    } catch (IOException closed) {
      tail.add("(its output ends here: %s)".formatted(closed.getMessage()));
    }
  }
}
