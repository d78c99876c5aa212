package io.clipper.model.runtime.process;

import io.clipper.model.ModelId;
import io.clipper.model.runtime.ModelLoadException;
import io.clipper.model.runtime.ModelRuntime;
import io.clipper.model.runtime.Runtimes;
import io.clipper.model.runtime.ThreadBudget;
import io.clipper.model.runtime.oip.OipServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A process that serves one model by the Open Inference Protocol. It says {@code ready TARGET} on standard output once it does, and ends
 * when its standard input does: whoever started it is gone then.
 */
public final class WorkerMain {
  private static final Logger LOG = LoggerFactory.getLogger(WorkerMain.class);
  private static final int USAGE = 2;
  private static final int FAILED = 1;

  private WorkerMain() {}

  /**
   * Takes {@code --listen unix:PATH|HOST:PORT --name NAME --version V --runtime KIND [--option NAME=VALUE]… [--artifact PATH]
   * [--threads N] [--stuck-timeout SECONDS] [--join http://NODE:1338 [--advertise HOST:PORT] [--token-file FILE] [--grace SECONDS]]}. One
   * that joins a node was started by nobody there: it goes on when its standard input ends, and by a signal leaves first and then ends the batch that runs.
   */
  public static void main(String[] line) {
    System.exit(run(List.of(line), System.in, System.out, System.err));
  }

  static int run(List<String> line, InputStream input, PrintStream output, PrintStream error) {
    try {
      serve(WorkerArguments.parse(line), input, output);
      return 0;
    } catch (IllegalArgumentException wrong) {
      error.println(wrong.getMessage());
      return USAGE;
    } catch (ModelLoadException | IOException failed) {
      error.println(failed.getMessage());
      return FAILED;
    }
  }

  private static void serve(WorkerArguments arguments, InputStream input, PrintStream output) throws ModelLoadException, IOException {
    CompletableFuture<Void> orphaned = new CompletableFuture<>();
    AtomicBoolean serves = new AtomicBoolean();
    if (arguments.join().isEmpty()) {
      Thread.ofPlatform().daemon().name("parent").start(() -> watch(input, orphaned, serves));
    }
    Runtimes runtimes = Runtimes.found(new ThreadBudget(arguments.threads()));
    try (ModelRuntime runtime = runtimes.load(arguments.id(), arguments.spec(), arguments.artifact());
        OipServer server = OipServer.start(arguments.target(), arguments.id(), runtime, arguments.stuckTimeout())) {
      serves.set(true);
      output.println("ready " + server.target());
      output.flush();
      if (arguments.join().isPresent()) {
        awaitRefusal(arguments.join().get(), arguments.id(), server);
      } else {
        orphaned.join();
      }
    }
  }

  /** A signal ends it too. */
  private static void awaitRefusal(WorkerArguments.Join join, ModelId id, OipServer server) throws ModelLoadException, IOException {
    Optional<String> token = join.tokenFile().isPresent() ? Optional.of(Files.readString(join.tokenFile().get()).strip()) : Optional.empty();
    String url = GuestUrl.of(server.target(), join);
    CompletableFuture<String> refusal = new CompletableFuture<>();
    Membership membership = Membership.join(join.node(), token, id, url, refusal::complete);
    // The JVM ends when its hooks have: so this one holds it until the batch that runs is answered.
    Runtime.getRuntime().addShutdownHook(new Thread(() -> leave(membership, server, join.grace()), "leave"));
    throw new ModelLoadException(refusal.join());
  }

  /** In this order: once the node knows, nothing new is on its way. */
  private static void leave(Membership membership, OipServer server, Duration grace) {
    membership.close();
    try {
      if (!server.drain(grace)) {
        LOG.warn("the model did not return within {}", grace);
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** Ends a worker whose starter is gone: at once while its model is loaded, which may never return. */
  private static void watch(InputStream input, CompletableFuture<Void> orphaned, AtomicBoolean serves) {
    awaitEnd(input);
    if (!serves.get()) {
      Runtime.getRuntime().halt(0);
    }
    orphaned.complete(null);
  }

  private static void awaitEnd(InputStream input) {
    byte[] ignored = new byte[256];
    try {
      while (input.read(ignored) >= 0) {
        // Nothing is said by what comes, only by its end.
      }
    } catch (IOException broken) {
      LOG.warn("standard input is broken, and counts as ended", broken);
    }
  }
}
