package io.clipper.model.runtime;

import io.clipper.model.ModelId;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Every kind of model that this node can run, under one budget of threads. */
public final class Runtimes {
  private final Map<String, RuntimeProvider> providers = new HashMap<>();
  private final ThreadBudget threads;

  private Runtimes(Iterable<RuntimeProvider> providers, ThreadBudget threads) {
    providers.forEach(provider -> this.providers.put(provider.kind(), provider));
    this.threads = threads;
  }

  /** Those on the class path. */
  public static Runtimes found(ThreadBudget threads) {
    return new Runtimes(ServiceLoader.load(RuntimeProvider.class), threads);
  }

  /** These and more. */
  public Runtimes with(List<? extends RuntimeProvider> more) {
    Runtimes all = new Runtimes(providers.values(), threads);
    more.forEach(provider -> all.providers.put(provider.kind(), provider));
    return all;
  }

  /** What may take long before {@link #load}, without a thread that waits for it; fails with {@link ModelLoadException}. Call it off the serving threads. */
  public CompletionStage<Void> prepare(ModelId id, RuntimeSpec spec, Optional<Path> artifact) {
    try {
      return provider(spec).prepare(id, spec, artifact);
    } catch (ModelLoadException unknown) {
      return CompletableFuture.failedStage(unknown);
    }
  }

  /** Blocks until the copy can predict; call it off the serving threads. */
  public ModelRuntime load(ModelId id, RuntimeSpec spec, Optional<Path> artifact) throws ModelLoadException {
    return provider(spec).load(id, spec, artifact, threads);
  }

  private RuntimeProvider provider(RuntimeSpec spec) throws ModelLoadException {
    String kind =
        switch (spec) {
          case RuntimeSpec.Onnx onnx -> "onnx";
          case RuntimeSpec.Python python -> "python";
          case RuntimeSpec.Command command -> "process";
          case RuntimeSpec.Isolated isolated -> "isolated";
          case RuntimeSpec.Endpoint endpoint -> "endpoint";
          case RuntimeSpec.PlugIn plugIn -> plugIn.kind();
          case RuntimeSpec.Announced announced -> throw new ModelLoadException("a model without a runtime has nothing to load");
        };
    RuntimeProvider provider = providers.get(kind);
    if (provider == null) {
      throw new ModelLoadException("no runtime of kind '%s' is on the class path; there are %s".formatted(kind, new TreeSet<>(providers.keySet())));
    }
    return provider;
  }
}
