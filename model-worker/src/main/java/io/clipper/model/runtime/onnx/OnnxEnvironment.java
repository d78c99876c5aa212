package io.clipper.model.runtime.onnx;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtEnvironment.ThreadingOptions;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtSession.SessionOptions;
import io.clipper.model.runtime.ThreadBudget;
import java.nio.file.Path;
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
  private final OrtEnvironment environment;
  private final ThreadPoolExecutor threads;
  private final UnsignedTensors unsigned;

  private OnnxEnvironment() {
    try (ThreadingOptions options = new ThreadingOptions()) {
      options.setGlobalIntraOpNumThreads(1);
      options.setGlobalInterOpNumThreads(1);
      options.setGlobalSpinControl(false);
      // What goes wrong comes as an exception; below FATAL it would be on the user's console as well.
      environment = OrtEnvironment.getEnvironment(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL, "clipper", options);
    } catch (OrtException refused) {
      throw new IllegalStateException("ONNX Runtime does not start", refused);
    }
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
