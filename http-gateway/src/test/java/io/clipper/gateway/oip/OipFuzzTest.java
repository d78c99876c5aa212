package io.clipper.gateway.oip;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.clipper.gateway.TestGateway;
import io.clipper.gateway.TestGateway.Reply;
import io.clipper.gateway.oip.protocol.FeedbackGrpc;
import io.clipper.model.Output;
import io.clipper.model.runtime.oip.protocol.GRPCInferenceServiceGrpc;
import io.clipper.model.runtime.oip.protocol.ModelInferRequest;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServiceDescriptor;
import io.grpc.Status;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.reflection.v1.ServerReflectionGrpc;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Frames that are cut, that lie and that run over: answered with the client's fault or with an answer, never with ours. */
class OipFuzzTest {
  private static final String JSON =
      "{\"id\":\"1\",\"parameters\":{\"timeout\":9,\"binary_data_output\":true},\"inputs\":[{\"name\":\"x\",\"shape\":[2,2],\"datatype\":\"FP32\","
          + "\"parameters\":{\"binary_data_size\":16}},{\"data\":[\"a\",\"b\"],\"name\":\"t\",\"shape\":[2],\"datatype\":\"BYTES\"}],"
          + "\"outputs\":[{\"name\":\"x\",\"parameters\":{\"classification\":1}}]}";
  private static final String ROWS = "{\"instances\":[{\"x\":[1,2],\"t\":\"a\"},{\"x\":[3,NaN],\"t\":{\"b64\":\"YQ==\"}}]}";
  private static final String[] PIECES = {
    "\"", "{", "}", "[", "]", ",", ":", "1e999", "-", "null", "\\ud800", "9".repeat(1200), "[".repeat(70), "9223372036854775807", "0", "true", "FP64", "BYTES"
  };
  private static final BareMessages BARE = new BareMessages();
  private static final List<ServiceDescriptor> SERVICES =
      List.of(
          GRPCInferenceServiceGrpc.getServiceDescriptor(),
          FeedbackGrpc.getServiceDescriptor(),
          HealthGrpc.getServiceDescriptor(),
          ServerReflectionGrpc.getServiceDescriptor());
  /** A first field that is longer than the message. */
  private static final byte[] LIE = {0x0a, (byte) 0xff, (byte) 0xff, 0x7f, 'a'};
  private static final List<Status.Code> CLIENTS_FAULTS =
      List.of(
          Status.Code.OK, Status.Code.INVALID_ARGUMENT, Status.Code.NOT_FOUND, Status.Code.UNIMPLEMENTED, Status.Code.RESOURCE_EXHAUSTED);

  private final TestGateway gateway = new TestGateway();
  private final ManagedChannel channel =
      NettyChannelBuilder.forAddress("127.0.0.1", gateway.gateway.grpcAddress().getPort()).usePlaintext().build();

  @BeforeEach
  void aModel() {
    String type = "x:FP32[-1],t:BYTES[]";
    gateway.application("app", type);
    TestGateway.expectOk(gateway.model("m", "1", type));
    TestGateway.expectOk(gateway.link("app", "m"));
    gateway.clipper.serve("m:1", input -> Output.of(input.named("x").orElseThrow()));
  }

  @AfterEach
  void close() {
    channel.shutdownNow();
    gateway.close();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void noFrameOverHttpIsOurFault(long seed) {
    RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
    for (int i = 0; i < 200; i++) {
      boolean rows = random.nextInt(4) == 0;
      byte[] json = mutated((rows ? ROWS : JSON).getBytes(StandardCharsets.UTF_8), random);
      byte[] body = rows ? json : joined(json, json.length, new byte[random.nextInt(4) == 0 ? random.nextInt(40) : 16], json.length);
      HttpRequest.Builder request =
          HttpRequest.newBuilder(gateway.queries(rows ? "/v1/models/app:predict" : "/v2/models/app/infer")).POST(HttpRequest.BodyPublishers.ofByteArray(body));
      if (!rows) {
        request.header("Inference-Header-Content-Length", Integer.toString(random.nextInt(5) == 0 ? random.nextInt(body.length + 9) : json.length));
      }
      Reply reply = gateway.send(request);
      assertThat(reply.status()).as("%s gave %s", new String(body, StandardCharsets.UTF_8), reply.body()).isIn(200, 400, 501);
    }
  }

  /** Cut, flipped and made up, whether or not they are messages: to every method there is, and the server answers afterwards. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void noMessageOverGrpcIsOurFault(long seed) {
    RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
    int refused = 0;
    for (ServiceDescriptor service : SERVICES) {
      for (MethodDescriptor<?, ?> method : service.getMethods()) {
        boolean infers = method.getFullMethodName().endsWith("Infer");
        for (int i = 0; i < (infers ? 150 : 20); i++) {
          Status.Code code = call(method, frame(random));
          assertThat(code).as(method.getFullMethodName()).isIn(CLIENTS_FAULTS);
          refused += code == Status.Code.INVALID_ARGUMENT ? 1 : 0;
        }
        assertThat(call(method, LIE)).as(method.getFullMethodName()).isEqualTo(isStreamed(method) ? Status.Code.OK : Status.Code.INVALID_ARGUMENT);
      }
    }
    assertThat(refused).isPositive();
    assertThat(GRPCInferenceServiceGrpc.newBlockingStub(channel).modelInfer(message()).getOutputsCount()).isEqualTo(1);
  }

  /** Its answers, faults too, are messages of the stream. */
  private static boolean isStreamed(MethodDescriptor<?, ?> method) {
    return method.equals(GRPCInferenceServiceGrpc.getModelStreamInferMethod());
  }

  /** How a call with that message alone ends. A stream that goes on is left once it has answered. */
  private Status.Code call(MethodDescriptor<?, ?> method, byte[] message) {
    ClientCall<byte[], byte[]> call = channel.newCall(method.toBuilder(BARE, BARE).build(), CallOptions.DEFAULT.withDeadlineAfter(20, TimeUnit.SECONDS));
    CompletableFuture<Status.Code> ended = new CompletableFuture<>();
    call.start(
        new ClientCall.Listener<>() {
          @Override
          public void onMessage(byte[] answer) {
            if (method.equals(HealthGrpc.getWatchMethod())) {
              ended.complete(Status.Code.OK);
            }
          }

          @Override
          public void onClose(Status status, Metadata trailers) {
            ended.complete(status.getCode());
          }
        },
        new Metadata());
    call.request(2);
    call.sendMessage(message);
    call.halfClose();
    Status.Code code = ended.join();
    call.cancel("it was answered", null);
    return code;
  }

  private static byte[] frame(RandomGenerator random) {
    byte[] good = message().toByteArray();
    return switch (random.nextInt(4)) {
      case 0 -> Arrays.copyOf(good, random.nextInt(good.length));
      case 1 -> flipped(good, random);
      case 2 -> joined(good, random.nextInt(good.length), LIE, good.length);
      default -> {
        byte[] noise = new byte[random.nextInt(60)];
        random.nextBytes(noise);
        yield noise;
      }
    };
  }

  private static ModelInferRequest message() {
    return ModelInferRequest.newBuilder()
        .setModelName("m")
        .addInputs(ModelInferRequest.InferInputTensor.newBuilder().setName("x").setDatatype("FP32").addShape(2).addShape(2))
        .addInputs(ModelInferRequest.InferInputTensor.newBuilder().setName("t").setDatatype("BYTES").addShape(2))
        .addRawInputContents(ByteString.copyFrom(new byte[16]))
        .addRawInputContents(ByteString.copyFrom(new byte[] {1, 0, 0, 0, 'a', 0, 0, 0, 0}))
        .build();
  }

  private static byte[] flipped(byte[] good, RandomGenerator random) {
    byte[] bytes = good.clone();
    for (int i = random.nextInt(3); i >= 0; i--) {
      bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
    }
    return bytes;
  }

  private static byte[] mutated(byte[] good, RandomGenerator random) {
    byte[] bytes = good;
    for (int i = random.nextInt(3); i >= 0; i--) {
      int at = random.nextInt(bytes.length + 1);
      bytes =
          switch (random.nextInt(4)) {
            case 0 -> Arrays.copyOf(bytes, at);
            case 1 -> joined(bytes, at, new byte[] {(byte) random.nextInt()}, Math.min(bytes.length, at + 1));
            case 2 -> joined(bytes, at, PIECES[random.nextInt(PIECES.length)].getBytes(StandardCharsets.UTF_8), at);
            default -> joined(bytes, at, new byte[0], Math.min(bytes.length, at + 1 + random.nextInt(8)));
          };
    }
    return bytes;
  }

  private static byte[] joined(byte[] bytes, int head, byte[] middle, int tail) {
    byte[] joined = Arrays.copyOf(bytes, head + middle.length + bytes.length - tail);
    System.arraycopy(middle, 0, joined, head, middle.length);
    System.arraycopy(bytes, tail, joined, head + middle.length, bytes.length - tail);
    return joined;
  }
}
