package io.clipper.replica;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.clipper.catalog.ModelVersion;
import io.clipper.model.Datatype;
import io.clipper.model.Input;
import io.clipper.model.ModelId;
import io.clipper.model.Output;
import io.clipper.model.Signature;
import io.clipper.model.TensorSpec;
import io.clipper.model.runtime.ModelLoadException;
import io.clipper.model.runtime.ModelRuntime;
import io.clipper.model.runtime.RuntimeSpec;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;

class ReplicaLoaderTest {
  private static final RuntimeSpec SERVER = new RuntimeSpec.Endpoint("grpc://there:1", "m", "", Optional.empty(), false);

  /** Takes four floats, and answers at once. */
  private static final class FourFloats implements ModelRuntime {
    private final CompletableFuture<Boolean> closed = new CompletableFuture<>();

    @Override
    public Signature signature() {
      return new Signature(List.of(new TensorSpec("x", Datatype.FP32, List.of(4L))));
    }

    @Override
    public CompletionStage<List<Output>> predict(List<Input> batch) {
      return CompletableFuture.completedStage(batch.stream().map(input -> Output.of(0.0)).toList());
    }

    @Override
    public void close() {
      closed.complete(true);
    }
  }

  @Test
  void aModelThatTakesNothingOfWhatItsVersionIsDeclaredToTakeIsRefused() {
    FourFloats model = new FourFloats();

    assertThatThrownBy(() -> load(model, "strings", SERVER, Duration.ofSeconds(30)))
        .hasCauseInstanceOf(ModelLoadException.class)
        .hasMessageContaining("the model takes x:FP32[4], and m:1 is declared to take input:BYTES[1]");
    assertThat(model.closed).isCompleted();
  }

  @Test
  void numbersThatConvertAreNoReasonToRefuseAModel() throws Exception {
    FourFloats model = new FourFloats();

    assertThat(load(model, "doubles", SERVER, Duration.ofSeconds(30))).isSameAs(model);
    assertThat(model.closed).isNotDone();
  }

  @Test
  void whatIsNotInThisProcessIsClosedUnderItsWarmUp() {
    HeldRuntime model = new HeldRuntime();

    assertThatThrownBy(() -> load(model, "doubles", SERVER, Duration.ofMillis(20))).hasMessageContaining("has not answered a warm-up batch of 1");

    assertThat(model.closed).isCompleted();
    assertThat(model.expect(0).outputs()).isNotDone();
  }

  @Test
  void whatIsInThisProcessIsClosedWhenItsWarmUpHasReturned() {
    HeldRuntime model = new HeldRuntime();

    assertThatThrownBy(() -> load(model, "doubles", new RuntimeSpec.Onnx(), Duration.ofMillis(20))).hasMessageContaining("has not answered");

    assertThat(model.closed).isNotDone();
    model.returnBatch(0);
    assertThat(model.closed).isCompleted();
  }

  @Test
  void aVersionThatIsPreparedHoldsNoThreadThatOthersLoadOn() throws Exception {
    CompletableFuture<Void> prepared = new CompletableFuture<>();
    FourFloats model = new FourFloats();
    ReplicaLoader.Loading slow =
        new ReplicaLoader.Loading() {
          @Override
          public ModelRuntime load(ModelId id, RuntimeSpec spec, Optional<Path> artifact) {
            return model;
          }

          @Override
          public CompletionStage<Void> prepare(ModelId id, RuntimeSpec spec, Optional<Path> artifact) {
            return id.version().equals("1") ? prepared : CompletableFuture.completedStage(null);
          }
        };
    try (ExecutorService one = Executors.newSingleThreadExecutor()) {
      ReplicaLoader loader = new ReplicaLoader(slow, Path::of, Duration.ofSeconds(5), new LoadingThreads(one, one, one));
      CompletableFuture<ModelRuntime> waiting = loader.load(version("1"), false).toCompletableFuture();

      assertThat(loader.load(version("2"), false).toCompletableFuture().get(10, SECONDS)).isSameAs(model);
      assertThat(waiting).isNotDone();

      prepared.completeExceptionally(new ModelLoadException("no such package"));
      assertThatThrownBy(() -> waiting.get(10, SECONDS)).hasCauseInstanceOf(ModelLoadException.class).hasMessageContaining("no such package");
    }
  }

  private static ModelVersion version(String version) {
    return ModelVersion.of(new ModelId("m", version), Signature.named("floats"), SERVER, Optional.empty());
  }

  private static ModelRuntime load(ModelRuntime model, String inputType, RuntimeSpec runtime, Duration warmUp) throws Exception {
    ReplicaLoader loader = new ReplicaLoader((id, spec, artifact) -> model, Path::of, warmUp, new LoadingThreads(Runnable::run, Runnable::run, Runnable::run));
    ModelVersion version = ModelVersion.of(new ModelId("m", "1"), Signature.named(inputType), runtime, Optional.empty());
    return loader.load(version, false).toCompletableFuture().get(30, SECONDS);
  }
}
