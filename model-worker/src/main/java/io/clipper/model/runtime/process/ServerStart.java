package io.clipper.model.runtime.process;

import io.clipper.model.runtime.ModelLoadException;
import io.clipper.model.runtime.oip.OipModelRuntime;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** The beginning of a server that tells nobody when it is ready: it is asked until it is. */
final class ServerStart {
  /** What one try may take: gRPC by itself waits longer each time before it tries to connect again. */
  private static final Duration TRY = Duration.ofSeconds(1);
  private static final Duration BETWEEN_TRIES = Duration.ofMillis(100);

  private ServerStart() {}

  /** One try, which may take so long. */
  interface Connecting {
    OipModelRuntime connect(Duration patience) throws ModelLoadException;
  }

  /** Blocks until it has its model ready; throws {@link ModelLoadException} if it ends, takes too long, or can never serve the model. */
  static OipModelRuntime connected(WorkerProcess process, Connecting server, Duration timeout) throws ModelLoadException {
    long giveUpAt = System.nanoTime() + timeout.toNanos();
    String lastRefusal = "";
    while (System.nanoTime() < giveUpAt) {
      try {
        OipModelRuntime runtime = server.connect(TRY);
        if (ready(runtime)) {
          return runtime;
        }
        runtime.close();
        lastRefusal = "the server does not say that its model is ready";
      } catch (ModelLoadException refused) {
        if (!mayPass(refused)) {
          throw refused;
        }
        lastRefusal = String.valueOf(refused.getMessage());
      }
      process.failIfEnded(BETWEEN_TRIES);
    }
    throw new ModelLoadException("the worker is not ready after %s: %s%s".formatted(timeout, lastRefusal, process.lastWords()));
  }

  private static boolean ready(OipModelRuntime runtime) throws ModelLoadException {
    try {
      return runtime.isReady(TRY).toCompletableFuture().get(2 * TRY.toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException late) {
      return false; // the answer's own deadline is before this one, if no thread stands still
    } catch (CompletionException | ExecutionException impossible) {
      throw new IllegalStateException(impossible);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      runtime.close();
      throw new ModelLoadException("the node stops", interrupted);
    }
  }

  /** What a server says of a model that it is still reading; not that it knows no such call, or that its model takes what cannot be given. */
  private static boolean mayPass(ModelLoadException refused) {
    return refused.getCause() instanceof StatusRuntimeException status && status.getStatus().getCode() != Status.Code.UNIMPLEMENTED;
  }
}
