package io.clipper.model.runtime.oip;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.clipper.model.ClassProbabilities;
import io.clipper.model.Datatype;
import io.clipper.model.Input;
import io.clipper.model.ModelId;
import io.clipper.model.NamedTensor;
import io.clipper.model.Output;
import io.clipper.model.Signature;
import io.clipper.model.Tensor;
import io.clipper.model.TensorSpec;
import io.clipper.model.runtime.CopyLostException;
import io.clipper.model.runtime.ModelLoadException;
import io.clipper.model.runtime.ModelRuntime;
import io.clipper.model.runtime.oip.protocol.GRPCInferenceServiceGrpc.GRPCInferenceServiceImplBase;
import io.clipper.model.runtime.oip.protocol.InferTensorContents;
import io.clipper.model.runtime.oip.protocol.ModelConfig;
import io.clipper.model.runtime.oip.protocol.ModelConfigRequest;
import io.clipper.model.runtime.oip.protocol.ModelConfigResponse;
import io.clipper.model.runtime.oip.protocol.ModelDynamicBatching;
import io.clipper.model.runtime.oip.protocol.ModelInferRequest;
import io.clipper.model.runtime.oip.protocol.ModelInferResponse;
import io.clipper.model.runtime.oip.protocol.ModelMetadataRequest;
import io.clipper.model.runtime.oip.protocol.ModelMetadataResponse;
import io.clipper.model.runtime.oip.protocol.ModelMetadataResponse.TensorMetadata;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OipModelRuntimeTest {
  private static final ModelId ID = new ModelId("m", "7");
  private static final Duration SOON = Duration.ofSeconds(10);

  private final List<AutoCloseable> open = new ArrayList<>();

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable each : open.reversed()) {
      each.close();
    }
  }

  /** Whatever the test says of a batch. */
  private record Answering(Signature signature, Function<List<Input>, CompletionStage<List<Output>>> answer) implements ModelRuntime {
    @Override
    public CompletionStage<List<Output>> predict(List<Input> batch) {
      return answer.apply(batch);
    }

    @Override
    public void close() {
      // It holds nothing.
    }
  }

  /** A server of somebody else: typed contents, a bound on batches, batches of its own. */
  private static class Foreign extends GRPCInferenceServiceImplBase {
    final List<Integer> batches = Collections.synchronizedList(new ArrayList<>());

    @Override
    public void modelMetadata(ModelMetadataRequest request, StreamObserver<ModelMetadataResponse> caller) {
      TensorMetadata input = TensorMetadata.newBuilder().setName("x").setDatatype("FP32").addShape(-1).addShape(2).build();
      caller.onNext(ModelMetadataResponse.newBuilder().setName(request.getName()).addVersions("2").addVersions("3").addInputs(input).build());
      caller.onCompleted();
    }

    @Override
    public void modelConfig(ModelConfigRequest request, StreamObserver<ModelConfigResponse> caller) {
      ModelConfig config = ModelConfig.newBuilder().setMaxBatchSize(4).setDynamicBatching(ModelDynamicBatching.getDefaultInstance()).build();
      caller.onNext(ModelConfigResponse.newBuilder().setConfig(config).build());
      caller.onCompleted();
    }

    @Override
    public void modelInfer(ModelInferRequest request, StreamObserver<ModelInferResponse> caller) {
      List<Input> rows = InferRequests.rows(request);
      batches.add(rows.size());
      InferTensorContents.Builder sums = InferTensorContents.newBuilder();
      rows.forEach(row -> sums.addFp32Contents((float) (row.first().doubleAt(0) + row.first().doubleAt(1))));
      ModelInferResponse.Builder response = ModelInferResponse.newBuilder();
      response.addOutputsBuilder().setName("sum").setDatatype("FP32").addShape(rows.size()).addShape(1).setContents(sums);
      caller.onNext(response.build());
      caller.onCompleted();
    }
  }

  @Test
  void aBatchComesBackRowByRowOverASocket(@TempDir Path directory) throws Exception {
    OipModelRuntime runtime = connect(serve("unix:" + directory.resolve("s"), new Answering(Signature.named("doubles"), OipModelRuntimeTest::sums)));

    assertThat(runtime.signature()).isEqualTo(Signature.named("doubles"));
    assertThat(get(runtime.predict(List.of(Input.doubles(1, 2), Input.doubles(3), Input.doubles(4, 5)))))
        .extracting(output -> output.number().orElseThrow())
        .containsExactly(3.0, 3.0, 9.0);
  }

  @Test
  void labelsAndProbabilitiesArriveAsTheyWereSaid() throws Exception {
    Output first = classified("spam", 0.9, 0.1);
    Output second = classified("ham, fresh", 0.25, 0.75);
    OipModelRuntime runtime =
        connect(serve("127.0.0.1:0", new Answering(Signature.named("strings"), batch -> CompletableFuture.completedStage(List.of(first, second)))));

    assertThat(get(runtime.predict(List.of(text("buy"), text("hello"))))).containsExactly(first, second);
  }

  @Test
  void largeBatchesPass() throws Exception {
    OipModelRuntime runtime = connect(serve("127.0.0.1:0", new Answering(Signature.named("doubles"), OipModelRuntimeTest::sums)));
    Input large = Input.doubles(new double[1 << 20]);

    assertThat(get(runtime.predict(List.of(large, large)))).hasSize(2);
  }

  @Test
  void aBatchLargerThanAMessageGoesInSeveral() throws Exception {
    List<Integer> batches = Collections.synchronizedList(new ArrayList<>());
    OipModelRuntime runtime =
        connect(
            serve(
                "127.0.0.1:0",
                new Answering(
                    Signature.named("doubles"),
                    batch -> {
                      batches.add(batch.size());
                      return sums(batch);
                    })));
    Input large = Input.doubles(new double[2 << 20]);

    assertThat(get(runtime.predict(List.of(large, large, large, large, large)))).hasSize(5);
    assertThat(batches).containsExactlyInAnyOrder(3, 2);
  }

  @Test
  void theModelsOwnErrorIsTheBatchs() throws Exception {
    OipModelRuntime runtime =
        connect(
            serve(
                "127.0.0.1:0",
                new Answering(Signature.named("doubles"), batch -> CompletableFuture.failedStage(new IllegalStateException("no such class")))));

    assertThatThrownBy(() -> get(runtime.predict(List.of(Input.doubles(1))))).hasCauseInstanceOf(IllegalStateException.class).hasMessageContaining("no such class");
    assertThat(runtime.lost().toCompletableFuture()).isNotDone();
  }

  @Test
  void anAnswerOfTheWrongLengthIsAnError() throws Exception {
    OipModelRuntime runtime =
        connect(serve("127.0.0.1:0", new Answering(Signature.named("doubles"), batch -> CompletableFuture.completedStage(List.of(Output.of(1.0))))));

    assertThatThrownBy(() -> get(runtime.predict(List.of(Input.doubles(1), Input.doubles(2))))).hasMessageContaining("for a batch of 2");
  }

  @Test
  void aBatchFailsAtItsDeadlineWhileHealthIsAnswered() throws Exception {
    OipModelRuntime runtime = connect(serve("127.0.0.1:0", new Answering(Signature.named("doubles"), batch -> new CompletableFuture<>())));

    CompletionStage<List<Output>> held = runtime.predict(List.of(Input.doubles(1)), Duration.ofMillis(300));

    assertThat(runtime.isReady(SOON).toCompletableFuture().get(10, SECONDS)).isTrue();
    assertThatThrownBy(() -> get(held)).hasMessageContaining("deadline");
  }

  @Test
  void aServerThatIsGoneLosesTheCopyNotTheInput() throws Exception {
    OipServer server = serve("127.0.0.1:0", new Answering(Signature.named("doubles"), batch -> new CompletableFuture<>()));
    OipModelRuntime runtime = connect(server);
    CompletionStage<List<Output>> held = runtime.predict(List.of(Input.doubles(1)));

    runtime.giveUp("killed");

    assertThatThrownBy(() -> get(held)).hasCauseInstanceOf(CopyLostException.class).hasMessageContaining("killed");
    assertThat(runtime.lost().toCompletableFuture().get(10, SECONDS)).hasMessage("killed");
  }

  @Test
  void aForeignServersBoundAndBatchingAreHeardAndItsTypedAnswersRead() throws Exception {
    Foreign foreign = new Foreign();
    OipModelRuntime runtime = remember(OipModelRuntime.connect(serve(foreign), "theirs", "", Optional.empty(), SOON));

    assertThat(runtime.maxBatchRows()).hasValue(4);
    assertThat(runtime.remark().orElseThrow()).contains("gathers batches of 'theirs' by itself").contains("--pass-through");
    assertThat(runtime.signature().tensors()).containsExactly(new TensorSpec("x", Datatype.FP32, List.of(2L)));
    assertThat(get(runtime.predict(List.of(Input.of(Tensor.ofFloats(1, 2)), Input.of(Tensor.ofFloats(3, 4))))))
        .extracting(output -> output.number().orElseThrow())
        .containsExactly(3.0, 7.0);
    assertThat(get(runtime.predict(Collections.nCopies(9, Input.of(Tensor.ofFloats(1, 2)))))).hasSize(9);
    assertThat(foreign.batches).containsExactlyInAnyOrder(2, 4, 4, 1);
  }

  /** As servers in Python refuse what is more than 4 MiB, unless they are told otherwise. */
  private static final class Narrow extends Foreign {
    private static final int MOST_ROWS = 3;

    private final AtomicInteger refused = new AtomicInteger();

    @Override
    public void modelConfig(ModelConfigRequest request, StreamObserver<ModelConfigResponse> caller) {
      caller.onError(Status.UNIMPLEMENTED.asRuntimeException());
    }

    @Override
    public void modelInfer(ModelInferRequest request, StreamObserver<ModelInferResponse> caller) {
      if (InferRequests.rows(request).size() > MOST_ROWS) {
        refused.incrementAndGet();
        caller.onError(Status.RESOURCE_EXHAUSTED.withDescription("Received message larger than max (5242900 vs. 4194304)").asRuntimeException());
      } else {
        super.modelInfer(request, caller);
      }
    }
  }

  @Test
  void whatAServerFindsTooLargeIsSentInPartsAndLessFromThenOn() throws Exception {
    Narrow narrow = new Narrow();
    OipModelRuntime runtime = remember(OipModelRuntime.connect(serve(narrow), "theirs", "", Optional.empty(), SOON));
    List<Input> rows = IntStream.range(0, 8).mapToObj(i -> Input.of(Tensor.ofFloats(i, 1))).toList();

    for (int i = 0; i < 2; i++) {
      assertThat(get(runtime.predict(rows))).extracting(output -> output.number().orElseThrow()).containsExactly(1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0);
      assertThat(narrow.batches).containsExactlyInAnyOrder(2, 2, 2, 2);
      narrow.batches.clear();
    }
    assertThat(narrow.refused).as("8 rows, and 4 twice; nothing the second time").hasValue(3);
  }

  /** Over both ends of the channel: the server's configuration says which inputs may be missing. */
  @Test
  void rowsThatLackAnOptionalInputAreSentWithoutIt() throws Exception {
    Signature masked = new Signature(List.of(new TensorSpec("x", Datatype.FP64, List.of(1L)), new TensorSpec("mask", Datatype.BYTES, List.of(1L), true)));
    List<List<Input>> batches = Collections.synchronizedList(new ArrayList<>());
    OipModelRuntime runtime =
        connect(
            serve(
                "127.0.0.1:0",
                new Answering(
                    masked,
                    batch -> {
                      batches.add(batch);
                      return CompletableFuture.completedStage(batch.stream().map(input -> Output.of((double) input.tensors().size())).toList());
                    })));
    Input without = new Input(List.of(new NamedTensor("x", Tensor.ofDoubles(1))));
    Input with = new Input(List.of(new NamedTensor("x", Tensor.ofDoubles(1)), new NamedTensor("mask", Tensor.ofStrings("a"))));

    assertThat(runtime.signature()).isEqualTo(masked);
    assertThat(runtime.maxBatchRows()).isEmpty();
    assertThat(runtime.remark()).isEmpty();
    assertThat(get(runtime.predict(List.of(with, without, with, without))))
        .extracting(output -> output.number().orElseThrow())
        .containsExactly(2.0, 1.0, 2.0, 1.0);
    assertThat(batches).containsExactlyInAnyOrder(List.of(with, with), List.of(without, without));
  }

  @Test
  void aServerThatGathersRowsByItselfBoundsNoBatchOfOurs() throws Exception {
    Foreign foreign = new Foreign();
    OipModelRuntime runtime = remember(OipModelRuntime.connect(serve(foreign), "theirs", "", Optional.empty(), SOON, true));

    assertThat(runtime.maxBatchRows()).isEmpty();
    assertThat(runtime.remark().orElseThrow()).contains("gathers the batches of 'theirs'").contains("by itself");
    assertThat(get(runtime.predict(Collections.nCopies(5, Input.of(Tensor.ofFloats(1, 2)))))).hasSize(5);
    assertThat(foreign.batches).containsExactly(1, 1, 1, 1, 1);
  }

  @Test
  void aVersionThatAServerDoesNotListIsRefusedThoughItAnswersForIt() throws Exception {
    String target = serve(new Foreign());

    assertThatThrownBy(() -> OipModelRuntime.connect(target, "theirs", "4", Optional.empty(), SOON))
        .isInstanceOf(ModelLoadException.class)
        .hasMessage("the server has versions [2, 3] of model 'theirs', and not '4'");
    assertThat(remember(OipModelRuntime.connect(target, "theirs", "3", Optional.empty(), SOON)).maxBatchRows()).hasValue(4);
  }

  private String serve(Foreign foreign) throws IOException {
    Server server = Transport.server("127.0.0.1:0").addService(foreign).build().start();
    open.add(server::shutdownNow);
    return "127.0.0.1:" + server.getPort();
  }

  @Test
  void anotherModelsNameIsTheServersToRefuse() throws Exception {
    OipServer server = serve("127.0.0.1:0", new Answering(Signature.named("doubles"), OipModelRuntimeTest::sums));

    assertThatThrownBy(() -> OipModelRuntime.connect(server.target(), "other", "", Optional.empty(), SOON))
        .isInstanceOf(ModelLoadException.class)
        .hasMessageContaining("this is m:7, not other:");
  }

  private OipServer serve(String target, ModelRuntime runtime) throws IOException {
    OipServer server = OipServer.start(target, ID, runtime, Duration.ofMinutes(1));
    open.add(server);
    return server;
  }

  @Test
  void aServerThatIsNotThereIsToldInALine() throws Exception {
    int port;
    try (ServerSocket taken = new ServerSocket(0)) {
      port = taken.getLocalPort();
    }
    String target = "127.0.0.1:" + port;

    assertThatThrownBy(() -> OipModelRuntime.connect(target, "m", "", Optional.empty(), Duration.ofMillis(300)))
        .isInstanceOf(ModelLoadException.class)
        .hasMessage("the server at %s: no connection within 300 ms".formatted(target));
  }

  private OipModelRuntime connect(OipServer server) throws ModelLoadException {
    return remember(OipModelRuntime.connect(server.target(), ID.name(), ID.version(), Optional.empty(), SOON));
  }

  private OipModelRuntime remember(OipModelRuntime runtime) {
    open.add(runtime);
    return runtime;
  }

  private static CompletionStage<List<Output>> sums(List<Input> batch) {
    return CompletableFuture.completedStage(batch.stream().map(input -> Output.of(sum(input.first()))).toList());
  }

  private static double sum(Tensor tensor) {
    double sum = 0;
    for (int i = 0; i < tensor.elements(); i++) {
      sum += tensor.doubleAt(i);
    }
    return sum;
  }

  private static Output classified(String label, double... probabilities) {
    Tensor answer = Tensor.ofStrings(label).reshaped();
    ClassProbabilities known = new ClassProbabilities(List.of("spam", "ham, fresh"), probabilities);
    return new Output(List.of(new NamedTensor("label", answer)), Optional.of(known));
  }

  private static Input text(String text) {
    return Input.of(Tensor.ofStrings(text));
  }

  private static List<Output> get(CompletionStage<List<Output>> outputs) throws InterruptedException, ExecutionException, TimeoutException {
    return outputs.toCompletableFuture().get(60, SECONDS);
  }
}
