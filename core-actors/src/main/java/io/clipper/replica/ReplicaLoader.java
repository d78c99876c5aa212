package io.clipper.replica;

import io.clipper.catalog.ModelVersion;
import io.clipper.model.Datatype;
import io.clipper.model.Input;
import io.clipper.model.ModelId;
import io.clipper.model.NamedTensor;
import io.clipper.model.Signature;
import io.clipper.model.Tensor;
import io.clipper.model.TensorSpec;
import io.clipper.model.runtime.ModelLoadException;
import io.clipper.model.runtime.ModelRuntime;
import io.clipper.model.runtime.RuntimeSpec;
import io.clipper.model.runtime.Runtimes;
import io.clipper.model.runtime.batch.BatchStacking;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Loads a copy of a model version and warms it up with batches of zeros, all on threads that may block.
 *
 * @param runtimes {@code Loading.of(runtimes)}
 * @param paths where an artifact's bytes are, by their SHA-256
 */
public record ReplicaLoader(Loading runtimes, Function<String, Path> paths, Duration warmUpTimeout, LoadingThreads threads) {
  /** Loads one copy; blocks until it can predict. */
  public interface Loading {
    ModelRuntime load(ModelId id, RuntimeSpec spec, Optional<Path> artifact) throws ModelLoadException;

    /** What may take long before that, without a thread that waits for it. */
    default CompletionStage<Void> prepare(ModelId id, RuntimeSpec spec, Optional<Path> artifact) {
      return CompletableFuture.completedStage(null);
    }

    static Loading of(Runtimes runtimes) {
      return new Loading() {
        @Override
        public ModelRuntime load(ModelId id, RuntimeSpec spec, Optional<Path> artifact) throws ModelLoadException {
          return runtimes.load(id, spec, artifact);
        }

        @Override
        public CompletionStage<Void> prepare(ModelId id, RuntimeSpec spec, Optional<Path> artifact) {
          return runtimes.prepare(id, spec, artifact);
        }
      };
    }
  }

  private static final Logger LOG = LoggerFactory.getLogger(ReplicaLoader.class);
  private static final String TOO_LARGE = "the model's input is larger than 2 GiB";

  /**
   * Completes with a runtime that the caller closes; fails with a message for whoever deployed the version.
   *
   * @param wasReady whether this copy was, and has stopped by itself since
   */
  public CompletionStage<ModelRuntime> load(ModelVersion version, boolean wasReady) {
    Executor blocking = threads.of(version.runtime(), wasReady);
    return CompletableFuture.supplyAsync(() -> version.artifact().map(paths), blocking)
        .thenCompose(
            artifact ->
                runtimes.prepare(version.id(), version.runtime(), artifact).thenApplyAsync(prepared -> loaded(version, artifact), blocking));
  }

  private ModelRuntime loaded(ModelVersion version, Optional<Path> artifact) {
    try {
      return warm(version, checked(version, filled(version, runtimes.load(version.id(), version.runtime(), artifact))));
    } catch (ModelLoadException failed) {
      throw new CompletionException(failed);
    }
  }

  /** A model that can take nothing of what its version was declared to take would fail on every query. */
  private static ModelRuntime checked(ModelVersion version, ModelRuntime runtime) throws ModelLoadException {
    if (!BatchStacking.mayTake(runtime.signature(), version.signature())) {
      runtime.close();
      throw new ModelLoadException(
          "the model takes %s, and %s is declared to take %s"
              .formatted(runtime.signature().spelledOut(), version.id(), version.signature().spelledOut()));
    }
    return runtime;
  }

  private static ModelRuntime filled(ModelVersion version, ModelRuntime runtime) throws ModelLoadException {
    try {
      return ZeroFilled.over(runtime, version.signature());
    } catch (ModelLoadException unfit) {
      runtime.close();
      throw unfit;
    } catch (ArithmeticException tooLarge) {
      runtime.close();
      throw new ModelLoadException(TOO_LARGE, tooLarge);
    }
  }

  /**
   * The first prediction allocates and compiles. A model that fails on one row of its own fixed shape fails on everything; with a free
   * shape, with strings, or in a batch, zeros may be what it cannot take.
   */
  private ModelRuntime warm(ModelVersion version, ModelRuntime runtime) throws ModelLoadException {
    Input zeros;
    try {
      zeros = zeros(runtime.signature());
    } catch (ArithmeticException tooLarge) {
      runtime.close();
      throw new ModelLoadException(TOO_LARGE, tooLarge);
    }
    boolean mustWork = runtime.signature().tensors().stream().allMatch(ReplicaLoader::isFixed);
    predict(version, runtime, List.of(zeros), mustWork);
    predict(version, runtime, Collections.nCopies(8, zeros), false);
    return runtime;
  }

  private void predict(ModelVersion version, ModelRuntime runtime, List<Input> batch, boolean mustWork) throws ModelLoadException {
    CompletionStage<?> outputs = CompletableFuture.completedStage(batch);
    try {
      outputs = runtime.predict(batch);
      outputs.toCompletableFuture().get(warmUpTimeout.toNanos(), TimeUnit.NANOSECONDS);
    } catch (ExecutionException | RuntimeException failed) {
      Throwable cause = failed instanceof ExecutionException && failed.getCause() != null ? failed.getCause() : failed;
      if (mustWork) {
        runtime.close();
        throw new ModelLoadException("the model fails on an input of zeros: " + cause.getMessage(), cause);
      }
      LOG.debug("{} does not take a warm-up batch of {} rows", version.id(), batch.size(), cause);
    } catch (TimeoutException late) {
      abandon(version, runtime, outputs);
      throw new ModelLoadException("the model has not answered a warm-up batch of %d in %s".formatted(batch.size(), warmUpTimeout), late);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      abandon(version, runtime, outputs);
      throw new ModelLoadException("the node stops", interrupted);
    }
  }

  /** What a model in this JVM holds is freed when its batch has returned; a process or a connection ends with what it still does. */
  private static void abandon(ModelVersion version, ModelRuntime runtime, CompletionStage<?> outputs) {
    if (version.runtime().runsInProcess()) {
      outputs.whenComplete((returned, cause) -> runtime.close());
    } else {
      runtime.close();
    }
  }

  private static boolean isFixed(TensorSpec tensor) {
    return tensor.datatype() != Datatype.BYTES && !tensor.shape().contains(-1L);
  }

  private static Input zeros(Signature signature) {
    return new Input(signature.tensors().stream().map(tensor -> new NamedTensor(tensor.name(), zeros(tensor))).toList());
  }

  /** A free extent is 1. */
  static Tensor zeros(TensorSpec spec) {
    long[] shape = spec.shape().stream().mapToLong(extent -> extent == -1 ? 1 : extent).toArray();
    int elements = 1;
    for (long extent : shape) {
      elements = Math.multiplyExact(elements, Math.toIntExact(extent));
    }
    // A BYTES element is its length, and the zeros are those lengths: so many empty strings.
    int elementBytes = spec.datatype() == Datatype.BYTES ? Integer.BYTES : spec.datatype().elementBytes();
    return Tensor.wrap(spec.datatype(), shape, new byte[Math.multiplyExact(elements, elementBytes)]);
  }
}
