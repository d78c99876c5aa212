package io.clipper.application;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.clipper.Refused;
import io.clipper.model.Input;
import io.clipper.model.ModelId;
import io.clipper.model.Output;
import io.clipper.model.Signature;
import io.clipper.model.runtime.ModelLoadException;
import io.clipper.model.runtime.ModelRuntime;
import io.clipper.model.runtime.RuntimeProvider;
import io.clipper.model.runtime.RuntimeSpec;
import io.clipper.model.runtime.Runtimes;
import io.clipper.model.runtime.ThreadBudget;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LoadingTest {
  private static final RuntimeSpec SPEC = new RuntimeSpec.PlugIn("prepared", Map.of());

  private final ExecutorService one = Executors.newSingleThreadExecutor();
  private final CompletableFuture<Void> prepared = new CompletableFuture<>();
  private final Runtimes runtimes = Runtimes.found(new ThreadBudget(1)).with(List.of(new Prepared(prepared)));

  @AfterEach
  void stop() {
    one.close();
  }

  /** Its version 1 is prepared when the test says so, the others at once. Each takes strings. */
  private record Prepared(CompletableFuture<Void> first) implements RuntimeProvider {
    @Override
    public String kind() {
      return "prepared";
    }

    @Override
    public CompletionStage<Void> prepare(ModelId id, RuntimeSpec spec, Optional<Path> artifact) {
      return id.version().equals("1") ? first : CompletableFuture.completedStage(null);
    }

    @Override
    public ModelRuntime load(RuntimeSpec spec, Optional<Path> artifact, ThreadBudget threads) {
      return new Strings();
    }

    @Override
    public ModelRuntime load(ModelId id, RuntimeSpec spec, Optional<Path> artifact, ThreadBudget threads) throws ModelLoadException {
      if (id.version().equals("3")) {
        throw new ModelLoadException("no such layer");
      }
      return load(spec, artifact, threads);
    }
  }

  private record Strings() implements ModelRuntime {
    @Override
    public Signature signature() {
      return Signature.named("strings");
    }

    @Override
    public CompletionStage<List<Output>> predict(List<Input> batch) {
      return CompletableFuture.failedStage(new IllegalStateException("it is only looked at"));
    }

    @Override
    public void close() {
      // It holds nothing.
    }
  }

  @Test
  void whatIsPreparedHoldsNoThreadThatOthersAreLookedIntoOn() throws Exception {
    CompletableFuture<Signature> waiting = inspect("1");

    assertThat(inspect("2").get(10, SECONDS)).isEqualTo(Signature.named("strings"));
    assertThat(waiting).isNotDone();

    prepared.complete(null);
    assertThat(waiting.get(10, SECONDS)).isEqualTo(Signature.named("strings"));
  }

  @Test
  void whatCannotBePreparedOrLoadedIsRefusedInItsOwnWords() {
    prepared.completeExceptionally(new ModelLoadException("no such package"));

    assertThatThrownBy(() -> inspect("1").get(10, SECONDS)).hasCause(new Refused(Refused.Reason.INVALID, "no such package"));
    assertThatThrownBy(() -> inspect("3").get(10, SECONDS)).hasCause(new Refused(Refused.Reason.INVALID, "no such layer"));
  }

  private CompletableFuture<Signature> inspect(String version) {
    return Loading.inspect(runtimes, new ModelId("m", version), SPEC, Optional.empty(), one).toCompletableFuture();
  }
}
