package io.clipper.application;

import io.clipper.Refused;
import io.clipper.Refused.Reason;
import io.clipper.model.ModelId;
import io.clipper.model.Signature;
import io.clipper.model.runtime.ModelLoadException;
import io.clipper.model.runtime.ModelRuntime;
import io.clipper.model.runtime.RuntimeSpec;
import io.clipper.model.runtime.Runtimes;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;

/** Looks into an artifact by loading it for a moment. */
final class Loading {
  private Loading() {}

  /** Fails with {@link Refused} in the runtime's own words. */
  static CompletionStage<Signature> inspect(Runtimes runtimes, ModelId id, RuntimeSpec spec, Optional<Path> artifact, Executor executor) {
    return CompletableFuture.supplyAsync(() -> runtimes.prepare(id, spec, artifact), executor)
        .thenCompose(prepared -> prepared)
        .thenApplyAsync(prepared -> signature(runtimes, id, spec, artifact), executor)
        .exceptionally(
            failure -> {
              if (failure.getCause() instanceof ModelLoadException notAModel) {
                throw new Refused(Reason.INVALID, String.valueOf(notAModel.getMessage()));
              }
              throw failure instanceof CompletionException wrapped ? wrapped : new CompletionException(failure);
            });
  }

  private static Signature signature(Runtimes runtimes, ModelId id, RuntimeSpec spec, Optional<Path> artifact) {
    try (ModelRuntime runtime = runtimes.load(id, spec, artifact)) {
      return runtime.signature();
    } catch (ModelLoadException notAModel) {
      throw new CompletionException(notAModel);
    }
  }
}
