package io.clipper.model.runtime.onnx;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtEnvironment.ThreadingOptions;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtSession.SessionOptions;
import io.clipper.model.runtime.ThreadBudget;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * ONNX Runtime of this JVM and the threads that all its sessions run on.
 *
 * <p>The calling thread counts as one that works, so each batch runs on one of {@code budget} threads of ours and ONNX Runtime starts none:
 * several batches side by side use the cores better than one batch that is split over them. Nothing spins, so idle costs nothing.
 */
final class OnnxEnvironment {
  /*
   * While it starts, ONNX Runtime matches the process's command line against regular expressions that recurse for each character, some
   * 270 bytes of stack deep; overrun, they end the process without a word. This is for as long a line as Linux starts a process with. Only
   * what is used of it takes memory, and the thread ends at once.
   */
  private static final long STARTING_STACK_BYTES = 640L << 20;

  private final OrtEnvironment environment;
  private final ThreadPoolExecutor threads;
  private final UnsignedTensors unsigned;

  private OnnxEnvironment() {
    environment = startedOnDeepStack();
    AtomicInteger number = new AtomicInteger();
    threads =
        new ThreadPoolExecutor(
            1,
            1,
            0,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            work -> Thread.ofPlatform().daemon().name("onnx-" + number.incrementAndGet()).unstarted(work));
    unsigned = new UnsignedTensors(this);
  }

  private static OrtEnvironment startedOnDeepStack() {
    CompletableFuture<OrtEnvironment> starting = new CompletableFuture<>();
    Runnable start =
        () -> {
          try {
            starting.complete(started());
          } catch (OrtException | RuntimeException | LinkageError failed) {
            starting.completeExceptionally(failed);
          }
        };
    new Thread(null, start, "onnx-start", STARTING_STACK_BYTES).start();
    try {
      return starting.join();
    } catch (CompletionException failed) {
      if (failed.getCause() instanceof LinkageError unsupported) {
        throw unsupported;
      }
      throw new IllegalStateException("ONNX Runtime does not start", failed.getCause());
    }
  }

  private static OrtEnvironment started() throws OrtException {
    try (ThreadingOptions options = new ThreadingOptions()) {
      options.setGlobalIntraOpNumThreads(1);
      options.setGlobalInterOpNumThreads(1);
      options.setGlobalSpinControl(false);
      // What goes wrong comes as an exception; below FATAL it would be on the user's console as well.
      OrtEnvironment started = OrtEnvironment.getEnvironment(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL, "clipper", options);
      // What a process is not told by ORT_DISABLE_TELEMETRY before it starts.
      started.setTelemetry(false);
      return started;
    }
  }

  /** Started on first use. With several budgets in one JVM, the largest holds. */
  static OnnxEnvironment within(ThreadBudget budget) {
    OnnxEnvironment started = Started.ENVIRONMENT;
    started.allow(budget.threads());
    return started;
  }

  OrtEnvironment environment() {
    return environment;
  }

  /** The threads that batches run on: named {@code onnx-N}, daemons. */
  Executor threads() {
    return threads;
  }

  UnsignedTensors unsigned() {
    return unsigned;
  }

  OrtSession open(Path file) throws OrtException {
    try (SessionOptions options = options()) {
      return environment.createSession(file.toString(), options);
    }
  }

  /** By CUDA; what it has no kernel for runs on the processor. */
  OrtSession openOnGpu(Path file, int device) throws OrtException {
    try (SessionOptions options = options()) {
      options.addCUDA(device);
      return environment.createSession(file.toString(), options);
    }
  }

  OrtSession open(byte[] model) throws OrtException {
    try (SessionOptions options = options()) {
      return environment.createSession(model, options);
    }
  }

  private static SessionOptions options() throws OrtException {
    SessionOptions options = new SessionOptions();
    options.disablePerSessionThreads();
    return options;
  }

  private synchronized void allow(int budget) {
    if (budget > threads.getCorePoolSize()) {
      threads.setMaximumPoolSize(budget);
      threads.setCorePoolSize(budget);
    }
  }

  /** Its class initializer runs once a JVM: ONNX Runtime refuses a second choice of threads. */
  private static final class Started {
    static final OnnxEnvironment ENVIRONMENT = new OnnxEnvironment();
  }
}
