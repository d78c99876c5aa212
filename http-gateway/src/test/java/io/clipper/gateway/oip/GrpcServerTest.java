package io.clipper.gateway.oip;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.clipper.Refused;
import io.clipper.application.Feedback;
import io.clipper.certainty.Certainty;
import io.clipper.gateway.HeldFunction;
import io.clipper.gateway.Readiness;
import io.clipper.gateway.TestGateway;
import io.clipper.gateway.oip.protocol.FeedbackGrpc;
import io.clipper.gateway.oip.protocol.FeedbackInput;
import io.clipper.gateway.oip.protocol.FeedbackReply;
import io.clipper.gateway.oip.protocol.FeedbackRequest;
import io.clipper.gateway.oip.protocol.FeedbackSummary;
import io.clipper.gateway.oip.protocol.FeedbackTensor;
import io.clipper.model.Datatype;
import io.clipper.model.ModelId;
import io.clipper.model.Output;
import io.clipper.model.Tensor;
import io.clipper.model.runtime.oip.protocol.DataType;
import io.clipper.model.runtime.oip.protocol.GRPCInferenceServiceGrpc;
import io.clipper.model.runtime.oip.protocol.InferParameter;
import io.clipper.model.runtime.oip.protocol.InferTensorContents;
import io.clipper.model.runtime.oip.protocol.ModelConfigRequest;
import io.clipper.model.runtime.oip.protocol.ModelInferRequest;
import io.clipper.model.runtime.oip.protocol.ModelInferResponse;
import io.clipper.model.runtime.oip.protocol.ModelMetadataRequest;
import io.clipper.model.runtime.oip.protocol.ModelReadyRequest;
import io.clipper.model.runtime.oip.protocol.ModelStatisticsRequest;
import io.clipper.model.runtime.oip.protocol.ModelStreamInferResponse;
import io.clipper.model.runtime.oip.protocol.RepositoryIndexRequest;
import io.clipper.model.runtime.oip.protocol.RepositoryModelLoadRequest;
import io.clipper.model.runtime.oip.protocol.RepositoryModelUnloadRequest;
import io.clipper.model.runtime.oip.protocol.ServerLiveRequest;
import io.clipper.model.runtime.oip.protocol.ServerMetadataRequest;
import io.clipper.model.runtime.oip.protocol.ServerReadyRequest;
import io.clipper.model.runtime.oip.protocol.StatisticDuration;
import io.clipper.model.runtime.oip.protocol.SystemSharedMemoryRegisterRequest;
import io.clipper.replica.BatchTally;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.reflection.v1.ServerReflectionGrpc;
import io.grpc.reflection.v1.ServerReflectionRequest;
import io.grpc.reflection.v1.ServerReflectionResponse;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The protocol over gRPC, and the services beside it. */
class GrpcServerTest {
  private final TestGateway gateway = new TestGateway();
  private final ManagedChannel channel =
      NettyChannelBuilder.forAddress("127.0.0.1", gateway.gateway.grpcAddress().getPort()).usePlaintext().build();
  private final GRPCInferenceServiceGrpc.GRPCInferenceServiceBlockingStub client = GRPCInferenceServiceGrpc.newBlockingStub(channel);

  @BeforeEach
  void aModelThatAddsUp() {
    gateway.application("sums", "x:FP32[-1]");
    TestGateway.expectOk(gateway.model("adder", "1", "x:FP32[-1]"));
    TestGateway.expectOk(gateway.link("sums", "adder"));
    gateway.clipper.serve("adder:1", input -> Output.of(sum(input.first())));
  }

  @AfterEach
  void close() {
    channel.shutdownNow();
    gateway.close();
  }

  private static double sum(Tensor tensor) {
    double sum = 0;
    for (int i = 0; i < tensor.elements(); i++) {
      sum += tensor.doubleAt(i);
    }
    return sum;
  }

  private static ModelInferRequest.Builder request(String model) {
    return ModelInferRequest.newBuilder().setModelName(model).setId("42");
  }

  private static ModelInferRequest.InferInputTensor.Builder tensor() {
    return ModelInferRequest.InferInputTensor.newBuilder().setName("x").setDatatype("FP32").addShape(2).addShape(2);
  }

  private static ModelInferRequest typed(String model) {
    InferTensorContents contents = InferTensorContents.newBuilder().addAllFp32Contents(List.of(1f, 2f, 3f, 4f)).build();
    return request(model).addInputs(tensor().setContents(contents)).build();
  }

  private static ModelInferRequest raw(String model) {
    return request(model).addInputs(tensor()).addRawInputContents(floats(1, 2, 3, 4)).build();
  }

  private static ByteString floats(float... values) {
    ByteBuffer bytes = ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    for (float value : values) {
      bytes.putFloat(value);
    }
    return ByteString.copyFrom(bytes.flip());
  }

  private Status refused(ModelInferRequest request) {
    try {
      throw new AssertionError(client.modelInfer(request));
    } catch (StatusRuntimeException refused) {
      return refused.getStatus();
    }
  }

  @Test
  void aTypedRequestHasATypedAnswer() {
    ModelInferResponse response = client.modelInfer(typed("sums"));
    assertThat(response.getId()).isEqualTo("42");
    assertThat(response.getModelVersion()).isEqualTo("1");
    assertThat(response.getOutputs(0).getShapeList()).containsExactly(2L);
    assertThat(response.getOutputs(0).getContents().getFp64ContentsList()).containsExactly(3.0, 7.0);
    assertThat(response.getRawOutputContentsCount()).isZero();
  }

  @Test
  void severalInputsOfSeveralDimensionsAndStringsGoThrough() {
    String type = "image:UINT8[2,2],text:BYTES[2],weight:FP64[]";
    gateway.application("several", type);
    TestGateway.expectOk(gateway.model("joined", "1", type));
    TestGateway.expectOk(gateway.link("several", "joined"));
    gateway.clipper.serve(
        "joined:1",
        input ->
            Output.of(
                "%s %s %s".formatted(
                    sum(input.named("image").orElseThrow()), input.named("text").orElseThrow().strings(), input.named("weight").orElseThrow().doubleAt(0))));
    ModelInferRequest request =
        request("several")
            .addInputs(
                ModelInferRequest.InferInputTensor.newBuilder().setName("text").setDatatype("BYTES").addShape(2).addShape(2)
                    .setContents(InferTensorContents.newBuilder().addAllBytesContents(Stream.of("a", "", "ü", "d").map(ByteString::copyFromUtf8).toList())))
            .addInputs(
                ModelInferRequest.InferInputTensor.newBuilder().setName("image").setDatatype("UINT8").addAllShape(List.of(2L, 2L, 2L))
                    .setContents(InferTensorContents.newBuilder().addAllUintContents(List.of(1, 2, 3, 4, 5, 6, 7, 255))))
            .addInputs(
                ModelInferRequest.InferInputTensor.newBuilder().setName("weight").setDatatype("FP64").addShape(2)
                    .setContents(InferTensorContents.newBuilder().addFp64Contents(0.5).addFp64Contents(0.25)))
            .build();
    assertThat(client.modelInfer(request).getOutputs(0).getContents().getBytesContentsList().stream().map(ByteString::toStringUtf8))
        .containsExactly("10.0 [a, ] 0.5", "273.0 [ü, d] 0.25");
  }

  @Test
  void anOptionalInputMayBeMissing() {
    gateway.application("masked", "x:FP32[2],mask:BOOL[2]?");
    TestGateway.expectOk(gateway.model("masks", "1", "x:FP32[2],mask:BOOL[2]?"));
    TestGateway.expectOk(gateway.link("masked", "masks"));
    gateway.clipper.serve("masks:1", input -> Output.of((double) input.tensors().size()));
    var mask = ModelInferRequest.InferInputTensor.newBuilder().setName("mask").setDatatype("BOOL").addShape(2).addShape(2);

    assertThat(client.modelInfer(typed("masked")).getOutputs(0).getContents().getFp64ContentsList()).containsExactly(1.0, 1.0);
    assertThat(client.modelInfer(raw("masks@model")).getRawOutputContents(0).size()).isEqualTo(2 * Double.BYTES);
    ModelInferRequest both =
        typed("masked").toBuilder()
            .addInputs(mask.setContents(InferTensorContents.newBuilder().addAllBoolContents(List.of(true, false, true, false))))
            .build();
    assertThat(client.modelInfer(both).getOutputs(0).getContents().getFp64ContentsList()).containsExactly(2.0, 2.0);
    var config = client.modelConfig(ModelConfigRequest.newBuilder().setName("masked").build()).getConfig();
    assertThat(config.getInput(0).getOptional()).isFalse();
    assertThat(config.getInput(1).getOptional()).isTrue();
  }

  @Test
  void aModelGetsTheArrayThatTheMessageWasReadInto() {
    Queue<Tensor> seen = new ConcurrentLinkedQueue<>();
    gateway.clipper.serve(
        "adder:1",
        input -> {
          seen.add(input.first());
          return Output.of(input.first());
        });
    ModelInferRequest row =
        request("adder@model").addInputs(ModelInferRequest.InferInputTensor.newBuilder().setName("x").setDatatype("FP32").addShape(1).addShape(2)).addRawInputContents(floats(1, 2)).build();
    GrpcInfer received = new InferWire(1 << 20).parse(row.toByteString().newInput());
    WireTensor tensor = ((GrpcInfer.Received) received).request().inputs().getFirst();
    assertThat(tensor.bytes(0, 8)).isSameAs(tensor.data().array());
    assertThat(client.modelInfer(row).getRawOutputContents(0)).isEqualTo(floats(1, 2));
    assertThat(seen).hasSize(1);
  }

  @Test
  void aRawRequestHasARawAnswer() {
    ModelInferResponse response = client.modelInfer(raw("adder@model"));
    ByteBuffer sums = response.getRawOutputContents(0).asReadOnlyByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
    assertThat(new double[] {sums.getDouble(), sums.getDouble()}).containsExactly(3, 7);
    assertThat(response.getOutputs(0).hasContents()).isFalse();
    assertThat(gateway.clipper.queries).isEmpty();
  }

  @Test
  void timeoutAndPriorityAreWholeNumbersOfEitherKind() {
    client.modelInfer(
        raw("sums").toBuilder()
            .putParameters("priority", InferParameter.newBuilder().setUint64Param(1).build())
            .putParameters("timeout", InferParameter.newBuilder().setInt64Param(1500).build())
            .build());
    assertThat(gateway.clipper.queries.getLast().budget()).contains(Duration.ofNanos(1_500_000));
    client.modelInfer(raw("sums").toBuilder().putParameters("timeout", InferParameter.newBuilder().setUint64Param(2500).build()).build());
    assertThat(gateway.clipper.queries.getLast().budget()).contains(Duration.ofNanos(2_500_000));
  }

  @Test
  void aTimeoutBeyondALongIsRefusedAndNotTakenForANegativeOne() {
    ModelInferRequest endless = raw("sums").toBuilder().putParameters("timeout", InferParameter.newBuilder().setUint64Param(-1).build()).build();
    assertThat(refused(endless))
        .matches(status -> status.getCode() == Status.Code.INVALID_ARGUMENT && status.getDescription().contains("parameter 'timeout' is 1.8446744073709552E19"));
    assertThat(gateway.clipper.queries).isEmpty();
    client.modelInfer(raw("sums").toBuilder().putParameters("timeout", InferParameter.newBuilder().setUint64Param(Long.MAX_VALUE).build()).build());
    assertThat(gateway.clipper.queries.getLast().budget()).contains(Duration.ofHours(1));
  }

  /** Such an input has no raw contents, so that there are fewer of them than inputs. */
  @Test
  void sharedMemoryIsNotThereBesideRawContentsEither() {
    ModelInferRequest.InferInputTensor.Builder shared =
        tensor().setName("y").putParameters("shared_memory_region", InferParameter.newBuilder().setStringParam("region").build());
    assertThat(refused(raw("sums").toBuilder().addInputs(shared).build()))
        .matches(status -> status.getCode() == Status.Code.UNIMPLEMENTED && status.getDescription().contains("input 'y' is in shared memory"));
    assertThat(refused(raw("sums").toBuilder().addInputs(tensor().setName("y")).build()).getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
  }

  @Test
  void aDeadlineShortensTheTimeThereIsAndDoesNotLengthenIt() {
    client.withDeadlineAfter(5, TimeUnit.MINUTES).modelInfer(raw("sums"));
    assertThat(gateway.clipper.queries.getLast().budget()).isEmpty();
    client
        .withDeadlineAfter(20, TimeUnit.SECONDS)
        .modelInfer(raw("sums").toBuilder().putParameters("timeout", InferParameter.newBuilder().setInt64Param(60_000_000).build()).build());
    assertThat(gateway.clipper.queries.getLast().budget().orElseThrow()).isLessThanOrEqualTo(Duration.ofSeconds(20));
  }

  @Test
  void aCallThatWasCancelledIsAnsweredToNobody() {
    HeldFunction held = new HeldFunction();
    gateway.clipper.serve("adder:1", held);
    var call = GRPCInferenceServiceGrpc.newFutureStub(channel).modelInfer(raw("adder"));
    held.awaitAsked();
    call.cancel(true);
    held.answer(Output.of(1.0));
    gateway.clipper.serve("adder:1", input -> Output.of(2.0));
    assertThat(client.modelInfer(raw("adder")).getOutputsCount()).isEqualTo(1);
  }

  @Test
  void faultsHaveTheirStatus() {
    assertThat(refused(raw("nope"))).matches(status -> status.getCode() == Status.Code.NOT_FOUND && status.getDescription().contains("unknown model"));
    assertThat(refused(raw("sums").toBuilder().clearInputs().clearRawInputContents().build()).getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
    gateway.clipper.serve(
        "adder:1",
        input -> {
          throw new IllegalStateException("the model is broken");
        });
    assertThat(refused(raw("adder"))).matches(status -> status.getCode() == Status.Code.INTERNAL && status.getDescription().equals("the model is broken"));
    assertThatThrownBy(() -> client.systemSharedMemoryRegister(SystemSharedMemoryRegisterRequest.getDefaultInstance())).hasMessageContaining("UNIMPLEMENTED");
  }

  @Test
  void whatLiesAboutItsSizeIsRefused() {
    List<ModelInferRequest> lies =
        List.of(
            raw("sums").toBuilder().setRawInputContents(0, floats(1, 2, 3)).build(),
            raw("sums").toBuilder().setRawInputContents(0, ByteString.copyFrom(new byte[15])).build(),
            raw("sums").toBuilder().addRawInputContents(floats(1)).build(),
            raw("sums").toBuilder().setInputs(0, tensor().setContents(InferTensorContents.newBuilder().addFp32Contents(1))).build(),
            raw("sums").toBuilder().setInputs(0, tensor().setShape(0, 1L << 62).setShape(1, 4)).build(),
            raw("sums").toBuilder().setInputs(0, tensor().setShape(0, -2).setShape(1, -2)).build(),
            raw("sums").toBuilder().setInputs(0, tensor().setShape(0, 1L << 32).setShape(1, 1L << 32)).build(),
            request("sums").addInputs(tensor().setContents(InferTensorContents.newBuilder().addIntContents(1))).build(),
            request("sums").addInputs(tensor().setContents(InferTensorContents.newBuilder().addFp32Contents(1))).build(),
            raw("sums").toBuilder().setInputs(0, tensor().setDatatype("FP3")).build());
    for (ModelInferRequest lie : lies) {
      assertThat(refused(lie).getCode()).as(lie.toString()).isEqualTo(Status.Code.INVALID_ARGUMENT);
    }
    assertThat(gateway.clipper.queries).isEmpty();
  }

  @Test
  void aMessageOverTheLimitIsTooLarge() {
    ModelInferRequest large = raw("sums").toBuilder().setRawInputContents(0, ByteString.copyFrom(new byte[17 << 20])).build();
    assertThat(refused(large).getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
    assertThat(client.modelInfer(raw("sums")).getOutputsCount()).isEqualTo(1);
    gateway.clipper.fault = Optional.of(new Refused(Refused.Reason.TOO_LARGE, "the input takes too much"));
    Status unpacked = refused(raw("sums"));
    assertThat(unpacked.getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
    assertThat(unpacked.getDescription()).isEqualTo("the input takes too much");
  }

  @Test
  void whatTheApplicationIsSureOfIsThereByName() {
    gateway.clipper.confidence = OptionalDouble.of(0.75);
    gateway.clipper.certainty = Optional.of(new Certainty.PredictionInterval(1, 4.5, true));
    ModelInferRequest.Builder request = typed("sums").toBuilder();
    for (String name : List.of("interval", "confidence", "models")) {
      request.addOutputs(ModelInferRequest.InferRequestedOutputTensor.newBuilder().setName(name));
    }
    ModelInferResponse response = client.modelInfer(request.build());
    assertThat(response.getOutputs(0).getShapeList()).containsExactly(2L, 2L);
    assertThat(response.getOutputs(0).getContents().getFp64ContentsList()).containsExactly(1.0, 4.5, 1.0, 4.5);
    assertThat(response.getOutputs(1).getContents().getFp64ContentsList()).containsExactly(0.75, 0.75);
    assertThat(response.getOutputs(2).getContents().getBytesContents(0).toStringUtf8()).startsWith("[{\"name\":\"adder\"");
    gateway.clipper.certainty = Optional.of(new Certainty.PredictionSet(List.of("cat", "dog"), false, true));
    ModelInferRequest.InferInputTensor one =
        tensor().clearShape().addShape(4).setContents(InferTensorContents.newBuilder().addAllFp32Contents(List.of(1f, 2f, 3f, 4f))).build();
    ModelInferResponse set =
        client.modelInfer(request("sums").addInputs(one).addOutputs(ModelInferRequest.InferRequestedOutputTensor.newBuilder().setName("set")).build());
    assertThat(set.getOutputs(0).getShapeList()).containsExactly(1L);
    assertThat(set.getOutputs(0).getContents().getBytesContents(0).toStringUtf8()).isEqualTo("[\"cat\",\"dog\"]");
    assertThat(set.getParametersOrThrow("confidence").getDoubleParam()).isEqualTo(0.75);
  }

  @ParameterizedTest
  @EnumSource(value = Datatype.class, names = {"FP16", "BF16"})
  void halfPrecisionIsRawBothWays(Datatype datatype) {
    String type = "x:%s[2]".formatted(datatype);
    TestGateway.expectOk(gateway.model("same", "1", type));
    gateway.clipper.serve("same:1", input -> Output.of(input.first()));
    ModelInferRequest.InferInputTensor.Builder input = tensor().setDatatype(datatype.name());
    ByteString rows = ByteString.copyFrom(new byte[] {0, 0x3c, 0, 0x40, 1, 2, 3, 4});
    ModelInferResponse response = client.modelInfer(request("same").addInputs(input).addRawInputContents(rows).build());
    assertThat(response.getOutputs(0).getDatatype()).isEqualTo(datatype.name());
    assertThat(response.getRawOutputContents(0)).isEqualTo(rows);
    InferTensorContents floats = InferTensorContents.newBuilder().addAllFp32Contents(List.of(1f, 2f, 3f, 4f)).build();
    assertThat(refused(request("same").addInputs(input.setContents(floats)).build()).getDescription()).contains("unexpected explicit tensor data");
  }

  @Test
  void anImageGoesThroughAloneAndInAStream() {
    String type = "pixels:FP32[3,224,224]";
    TestGateway.expectOk(gateway.model("same", "1", type));
    gateway.clipper.serve("same:1", input -> Output.of(input.first()));
    float[] pixels = new float[3 * 224 * 224];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = i;
    }
    ModelInferRequest image =
        request("same")
            .addInputs(ModelInferRequest.InferInputTensor.newBuilder().setName("pixels").setDatatype("FP32").addAllShape(List.of(1L, 3L, 224L, 224L)))
            .addRawInputContents(floats(pixels))
            .build();
    assertThat(client.modelInfer(image).getRawOutputContents(0)).isEqualTo(floats(pixels));
    List<ModelStreamInferResponse> answers = new CopyOnWriteArrayList<>();
    CompletableFuture<Void> end = new CompletableFuture<>();
    StreamObserver<ModelInferRequest> stream = GRPCInferenceServiceGrpc.newStub(channel).modelStreamInfer(collecting(answers, end));
    for (int i = 0; i < 20; i++) {
      stream.onNext(image);
    }
    stream.onCompleted();
    end.join();
    assertThat(answers).hasSize(20).allMatch(answer -> answer.getInferResponse().getRawOutputContents(0).equals(floats(pixels)));
  }

  @Test
  void feedbackMayNameItsInputAndLabelAStream() {
    FeedbackInput input =
        FeedbackInput.newBuilder().addTensors(FeedbackTensor.newBuilder().setName("x").setDatatype("FP32").addShape(2).setData(floats(1, 2))).build();
    FeedbackGrpc.newBlockingStub(channel).update(FeedbackRequest.newBuilder().setApplication("sums").setInput(input).setLabel("3").build());
    Feedback.OfInput target = (Feedback.OfInput) gateway.clipper.feedback.getLast().target();
    assertThat(target.input().first()).isEqualTo(Tensor.ofFloats(1, 2));
    assertThat(gateway.clipper.feedback.getLast().judgement()).isEqualTo(new Feedback.Label("3"));
    List<FeedbackSummary> answers = new CopyOnWriteArrayList<>();
    CompletableFuture<Void> end = new CompletableFuture<>();
    var stream = FeedbackGrpc.newStub(channel).updateAll(collecting(answers, end));
    stream.onNext(FeedbackRequest.newBuilder().setApplication("sums").setQueryId(1).setLabel("4").build());
    stream.onNext(FeedbackRequest.newBuilder().setApplication("sums").setInput(input).setLabel("5").build());
    stream.onNext(FeedbackRequest.newBuilder().setApplication("sums").setInput(input).setReward(1).build());
    stream.onCompleted();
    end.join();
    assertThat(answers.getFirst().getObserved()).isEqualTo(2);
    assertThat(answers.getFirst().getRefused(0).getMessage()).contains("or a label with the input");
    assertThat(gateway.clipper.feedback).extracting(Feedback::judgement).endsWith(new Feedback.Label("4"), new Feedback.Label("5"));
  }

  @Test
  void aStreamIsAnsweredInOrderAndOutlivesAFault() {
    List<ModelStreamInferResponse> answers = new CopyOnWriteArrayList<>();
    CompletableFuture<Void> end = new CompletableFuture<>();
    StreamObserver<ModelInferRequest> stream = GRPCInferenceServiceGrpc.newStub(channel).modelStreamInfer(collecting(answers, end));
    for (int i = 0; i < 200; i++) {
      stream.onNext((i == 100 ? raw("nope") : raw("sums")).toBuilder().setId(Integer.toString(i)).build());
    }
    stream.onCompleted();
    end.join();
    assertThat(answers).hasSize(200);
    for (int i = 0; i < 200; i++) {
      assertThat(answers.get(i).getInferResponse().getId()).isEqualTo(Integer.toString(i));
      assertThat(answers.get(i).getErrorMessage().isEmpty()).isEqualTo(i != 100);
    }
  }

  /** Windows of the transport and of the stream: what is asked and not yet read. */
  @Test
  void aReaderThatStallsIsNotAskedForMore() {
    AtomicInteger asked = new AtomicInteger();
    AtomicInteger read = new AtomicInteger();
    AtomicInteger mostUnread = new AtomicInteger();
    CompletableFuture<Void> windowIsFull = new CompletableFuture<>();
    TestGateway.expectOk(gateway.model("large", "1", "x:FP32[-1]"));
    gateway.clipper.serve(
        "large:1",
        input -> {
          int now = asked.incrementAndGet();
          mostUnread.accumulateAndGet(now - read.get(), Math::max);
          if (now == 64) {
            windowIsFull.complete(null);
          }
          return Output.of(Tensor.ofUnsignedBytes(new byte[256 << 10]));
        });
    CompletableFuture<Void> end = new CompletableFuture<>();
    StallingReader reader = new StallingReader(read, end);
    StreamObserver<ModelInferRequest> stream = GRPCInferenceServiceGrpc.newStub(channel).modelStreamInfer(reader);
    ModelInferRequest request = request("large").addInputs(tensor().clearShape().addShape(4)).addRawInputContents(floats(1, 2, 3, 4)).build();
    for (int i = 0; i < 400; i++) {
      stream.onNext(request);
    }
    stream.onCompleted();
    windowIsFull.join();
    reader.readNext();
    end.join();
    assertThat(read.get()).isEqualTo(400);
    assertThat(mostUnread.get()).isLessThan(200);
  }

  /** Reads nothing until it is told to, and then one answer after another. */
  private static final class StallingReader implements ClientResponseObserver<ModelInferRequest, ModelStreamInferResponse> {
    private final AtomicInteger read;
    private final CompletableFuture<Void> end;
    private final CompletableFuture<ClientCallStreamObserver<ModelInferRequest>> call = new CompletableFuture<>();

    StallingReader(AtomicInteger read, CompletableFuture<Void> end) {
      this.read = read;
      this.end = end;
    }

    void readNext() {
      call.join().request(1);
    }

    @Override
    public void beforeStart(ClientCallStreamObserver<ModelInferRequest> started) {
      started.disableAutoRequestWithInitial(0);
      call.complete(started);
    }

    @Override
    public void onNext(ModelStreamInferResponse answer) {
      read.incrementAndGet();
      readNext();
    }

    @Override
    public void onError(Throwable failure) {
      end.completeExceptionally(failure);
    }

    @Override
    public void onCompleted() {
      end.complete(null);
    }
  }

  @Test
  void aStreamThatAsksForStatusesEndsWithTheFirst() {
    Metadata headers = new Metadata();
    headers.put(Metadata.Key.of("triton_grpc_error", Metadata.ASCII_STRING_MARSHALLER), "true");
    List<ModelStreamInferResponse> answers = new CopyOnWriteArrayList<>();
    CompletableFuture<Void> end = new CompletableFuture<>();
    StreamObserver<ModelInferRequest> stream =
        GRPCInferenceServiceGrpc.newStub(channel)
            .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers))
            .modelStreamInfer(collecting(answers, end));
    stream.onNext(raw("sums"));
    stream.onNext(raw("nope"));
    assertThatThrownBy(end::join).rootCause().hasMessageContaining("NOT_FOUND");
    assertThat(answers).hasSize(1);
  }

  private static <T> StreamObserver<T> collecting(List<T> into, CompletableFuture<Void> end) {
    return new StreamObserver<>() {
      @Override
      public void onNext(T message) {
        into.add(message);
      }

      @Override
      public void onError(Throwable failure) {
        end.completeExceptionally(failure);
      }

      @Override
      public void onCompleted() {
        end.complete(null);
      }
    };
  }

  @Test
  void theServerSaysWhatItIsAndHowItIs() {
    assertThat(client.serverLive(ServerLiveRequest.getDefaultInstance()).getLive()).isTrue();
    assertThat(client.serverReady(ServerReadyRequest.getDefaultInstance()).getReady()).isTrue();
    assertThat(client.serverMetadata(ServerMetadataRequest.getDefaultInstance()).getExtensionsList()).contains("statistics");
    assertThat(client.modelReady(ModelReadyRequest.newBuilder().setName("sums").build()).getReady()).isTrue();
    gateway.clipper.readiness = new Readiness.NotReady("models are loading");
    assertThat(client.serverReady(ServerReadyRequest.getDefaultInstance()).getReady()).isFalse();
  }

  @Test
  void metadataConfigurationAndStatisticsAreThoseOfHttp() {
    var metadata = client.modelMetadata(ModelMetadataRequest.newBuilder().setName("sums").build());
    assertThat(metadata.getInputs(0).getShapeList()).containsExactly(-1L, -1L);
    assertThat(metadata.getOutputs(0).getDatatype()).isEqualTo("FP64");
    assertThat(metadata.getPropertiesCount()).isZero();
    var config = client.modelConfig(ModelConfigRequest.newBuilder().setName("sums").build()).getConfig();
    assertThat(config.getInput(0).getDataType()).isEqualTo(DataType.TYPE_FP32);
    assertThat(config.getInput(0).hasReshape()).isFalse();
    // What the model answers with is one number a row.
    assertThat(config.getOutput(0).getDimsList()).containsExactly(1L);
    assertThat(config.getOutput(0).hasReshape()).isTrue();
    client.modelInfer(raw("sums"));
    var statistics = client.modelStatistics(ModelStatisticsRequest.newBuilder().setName("sums").build()).getModelStats(0);
    assertThat(statistics.getInferenceCount()).isEqualTo(2);
    assertThat(statistics.getLastInference()).isPositive();
    gateway.clipper.batches.put(new ModelId("adder", "1"), List.of(new BatchTally(2, 3, 500)));
    var batches = client.modelStatistics(ModelStatisticsRequest.newBuilder().setName("adder@model").build()).getModelStats(0).getBatchStats(0);
    assertThat(batches.getBatchSize()).isEqualTo(2);
    assertThat(batches.getComputeInput().getCount()).isEqualTo(3);
    assertThat(batches.getComputeInfer()).isEqualTo(StatisticDuration.newBuilder().setCount(3).setNs(500).build());
  }

  @Test
  void aModelIsUnloadedAndLoadedAgain() {
    gateway.startedByNodes("adder");
    client.repositoryModelUnload(RepositoryModelUnloadRequest.newBuilder().setModelName("adder@model").build());
    assertThat(client.repositoryIndex(RepositoryIndexRequest.newBuilder().setReady(true).build()).getModelsList()).noneMatch(model -> model.getName().equals("adder@model"));
    client.repositoryModelLoad(RepositoryModelLoadRequest.newBuilder().setModelName("adder@model").build());
    assertThat(client.repositoryIndex(RepositoryIndexRequest.getDefaultInstance()).getModelsList()).anyMatch(model -> model.getState().equals("READY") && model.getName().equals("adder@model"));
  }

  @Test
  void healthFollowsReadiness() {
    var health = HealthGrpc.newBlockingStub(channel);
    assertThat(health.check(HealthCheckRequest.getDefaultInstance()).getStatus()).isEqualTo(ServingStatus.SERVING);
    gateway.clipper.readiness = new Readiness.NotReady("models are loading");
    assertThat(health.check(HealthCheckRequest.newBuilder().setService("inference.GRPCInferenceService").build()).getStatus()).isEqualTo(ServingStatus.NOT_SERVING);
    assertThatThrownBy(() -> health.check(HealthCheckRequest.newBuilder().setService("nope").build())).hasMessageContaining("NOT_FOUND");
    var changes = health.watch(HealthCheckRequest.getDefaultInstance());
    assertThat(changes.next().getStatus()).isEqualTo(ServingStatus.NOT_SERVING);
    gateway.clipper.readiness = new Readiness.Ready();
    assertThat(changes.next().getStatus()).isEqualTo(ServingStatus.SERVING);
  }

  @Test
  void reflectionListsTheServices() {
    List<ServerReflectionResponse> answers = new CopyOnWriteArrayList<>();
    CompletableFuture<Void> end = new CompletableFuture<>();
    var stream = ServerReflectionGrpc.newStub(channel).serverReflectionInfo(collecting(answers, end));
    stream.onNext(ServerReflectionRequest.newBuilder().setListServices("").build());
    stream.onCompleted();
    end.join();
    assertThat(answers.getFirst().getListServicesResponse().getServiceList())
        .extracting(service -> service.getName())
        .contains("inference.GRPCInferenceService", "clipper.Feedback", "grpc.health.v1.Health");
  }

  @Test
  void feedbackReachesTheApplication() {
    var feedback = FeedbackGrpc.newBlockingStub(channel);
    FeedbackReply reply = feedback.update(FeedbackRequest.newBuilder().setApplication("sums").setQueryId(7).setLabel("3.0").setContext("anna").build());
    assertThat(reply.getModels()).isEqualTo(3);
    assertThat(gateway.clipper.feedback.getLast().judgement()).isEqualTo(new Feedback.Label("3"));
    assertThat(gateway.clipper.feedback.getLast().context()).contains("anna");
    assertThatThrownBy(() -> feedback.update(FeedbackRequest.newBuilder().setApplication("nope").setQueryId(7).setLabel("3").build())).hasMessageContaining("NOT_FOUND");
    assertThatThrownBy(() -> feedback.update(FeedbackRequest.newBuilder().setApplication("sums").setQueryId(7).setReward(2).build())).hasMessageContaining("outside 0..1");
  }

  @Test
  void whatANodeThatStartsDoesNotKnowMayBeThere() {
    gateway.clipper.knowsCatalog = false;

    assertThat(refused(raw("nope"))).matches(status -> status.getCode() == Status.Code.UNAVAILABLE && status.getDescription().startsWith("this node is starting"));
    var feedback = FeedbackGrpc.newBlockingStub(channel);
    assertThatThrownBy(() -> feedback.update(FeedbackRequest.newBuilder().setApplication("nope").setQueryId(7).setLabel("3").build())).hasMessageContaining("UNAVAILABLE");
    assertThat(client.modelInfer(raw("sums")).getOutputsCount()).as("of what it knew").isPositive();
  }

  @Test
  void aStreamOfFeedbackIsSummedUp() {
    List<FeedbackSummary> answers = new CopyOnWriteArrayList<>();
    CompletableFuture<Void> end = new CompletableFuture<>();
    var stream = FeedbackGrpc.newStub(channel).updateAll(collecting(answers, end));
    for (int i = 0; i < 1000; i++) {
      FeedbackRequest.Builder request = FeedbackRequest.newBuilder().setApplication("sums").setQueryId(i);
      stream.onNext(i == 500 ? request.build() : request.setReward(0.5).build());
    }
    stream.onCompleted();
    end.join();
    FeedbackSummary summary = answers.getFirst();
    assertThat(summary.getReceived()).isEqualTo(1000);
    assertThat(summary.getObserved()).isEqualTo(999);
    assertThat(summary.getRefused(0).getIndex()).isEqualTo(500);
  }
}
