package io.clipper.model.runtime.process;

import io.clipper.model.runtime.ModelLoadException;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** One command of several that make an environment. Listed while it runs, so that one that outlives its node is ended by the next. */
final class EnvironmentStep {
  sealed interface Outcome {}

  record Done() implements Outcome {}

  record Broken(String said) implements Outcome {}

  record Late(String said) implements Outcome {}

  private EnvironmentStep() {}

  /** Blocks; {@code line} hears each line that it writes, from another thread. */
  static Outcome run(List<String> command, Duration timeout, Orphans orphans, Consumer<String> line) throws IOException, ModelLoadException {
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    Mark mark = Mark.fresh();
    mark.into(builder.environment());
    Process process = builder.start();
    process.getOutputStream().close();
    Runnable forget = orphans.listed(process, mark);
    try {
      Tail tail = new Tail();
      Thread reader = Thread.ofVirtual().start(() -> read(process, tail, line));
      if (!process.waitFor(timeout.toNanos(), TimeUnit.NANOSECONDS)) {
        return new Late(tail.text());
      }
      reader.join();
      return process.exitValue() == 0 ? new Done() : new Broken(tail.text());
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new ModelLoadException("the node stops", interrupted);
    } finally {
      Family.end(mark.bearers());
      Family.end(Family.of(process.toHandle()));
      forget.run();
    }
  }

  private static void read(Process process, Tail tail, Consumer<String> line) {
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
