package io.clipper.gateway.oip;

import static org.assertj.core.api.Assertions.assertThat;

import io.clipper.gateway.TestGateway;
import io.clipper.gateway.oip.protocol.FeedbackGrpc;
import io.clipper.model.Output;
import io.clipper.model.runtime.oip.protocol.GRPCInferenceServiceGrpc;
import io.clipper.model.runtime.oip.protocol.ModelInferRequest;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Codec;
import io.grpc.CompressorRegistry;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What surrounds a message over gRPC, wrong: whoever sent it is told, and the node's console is not. */
class GrpcFramesTest {
  private static final Metadata.Key<String> TIMEOUT = Metadata.Key.of("grpc-timeout", Metadata.ASCII_STRING_MARSHALLER);
  private static final byte[] NOTHING = new byte[0];

  private final TestGateway gateway = new TestGateway();
  private final Logged logged = new Logged();

  @BeforeEach
  void aModel() {
    Logger.getLogger("io.grpc").addHandler(logged);
    gateway.application("app", "x:FP32[-1]");
    TestGateway.expectOk(gateway.model("m", "1", "x:FP32[-1]"));
    TestGateway.expectOk(gateway.link("app", "m"));
    gateway.clipper.serve("m:1", input -> Output.of(input.first()));
  }

  @AfterEach
  void close() {
    gateway.close();
    Logger.getLogger("io.grpc").removeHandler(logged);
    assertThat(logged.records).isEmpty();
  }

  static Stream<MethodDescriptor<?, ?>> methods() {
    return Stream.of(
        GRPCInferenceServiceGrpc.getModelInferMethod(),
        GRPCInferenceServiceGrpc.getServerLiveMethod(),
        GRPCInferenceServiceGrpc.getModelStatisticsMethod(),
        FeedbackGrpc.getServiceDescriptor().getMethods().iterator().next());
  }

  @ParameterizedTest
  @MethodSource("methods")
  void aMessageThatIsNotCompressedAsItSaysIsTold(MethodDescriptor<?, ?> method) {
    Status ended = call(method, "not gzip at all".getBytes(StandardCharsets.US_ASCII), new AsIs("gzip"), new Metadata());
    assertThat(ended.getCode()).as(ended.toString()).isEqualTo(Status.Code.INVALID_ARGUMENT);
    assertThat(ended.getDescription()).isNotEmpty();
  }

  @ParameterizedTest
  @MethodSource("methods")
  void aMessageThatIsNoZlibStreamIsTold(MethodDescriptor<?, ?> method) {
    Status ended = call(method, "no zlib at all".getBytes(StandardCharsets.US_ASCII), new AsIs("deflate"), new Metadata());
    assertThat(ended.getCode()).as(ended.toString()).isEqualTo(Status.Code.INVALID_ARGUMENT);
  }

  @ParameterizedTest
  @MethodSource("methods")
  void aMessageThatUnpacksToMoreThanTheLimitIsTold(MethodDescriptor<?, ?> method) {
    byte[] zeros = new byte[(int) TestGateway.settings().maxBodyBytes() + 1];
    // A field that nobody knows, as long as the message.
    zeros[0] = (byte) 0xFA;
    zeros[1] = 0x07;
    int length = zeros.length - 6;
    for (int i = 0; i < 4; i++) {
      zeros[2 + i] = (byte) (((length >>> (7 * i)) & 0x7F) | (i < 3 ? 0x80 : 0));
    }
    Status ended = call(method, zeros, new Gzip(), new Metadata());
    assertThat(ended.getCode()).as(ended.toString()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
  }

  @Test
  void aTimeoutThatIsNoneIsRefused() {
    Metadata headers = new Metadata();
    headers.put(TIMEOUT, "abc");
    assertThat(call(GRPCInferenceServiceGrpc.getServerLiveMethod(), NOTHING, Codec.Identity.NONE, headers).isOk()).isFalse();
    assertThat(call(GRPCInferenceServiceGrpc.getServerLiveMethod(), NOTHING, Codec.Identity.NONE, new Metadata()).isOk()).isTrue();
  }

  @Test
  void aMessageInGzipIsReadAsAnyOther() {
    byte[] request = ModelInferRequest.newBuilder().setModelName("nobody").build().toByteArray();
    assertThat(call(GRPCInferenceServiceGrpc.getModelInferMethod(), request, new Gzip(), new Metadata()).getCode()).isEqualTo(Status.Code.NOT_FOUND);
  }

  private Status call(MethodDescriptor<?, ?> method, byte[] message, Codec codec, Metadata headers) {
    CompressorRegistry compressors = CompressorRegistry.newEmptyInstance();
    compressors.register(codec);
    ManagedChannel channel =
        NettyChannelBuilder.forAddress("127.0.0.1", gateway.gateway.grpcAddress().getPort()).usePlaintext().compressorRegistry(compressors).build();
    try {
      ClientCall<byte[], byte[]> call =
          channel.newCall(method.toBuilder(new BareMessages(), new BareMessages()).build(), CallOptions.DEFAULT.withCompression(codec.getMessageEncoding()));
      CompletableFuture<Status> ended = new CompletableFuture<>();
      call.start(
          new ClientCall.Listener<>() {
            @Override
            public void onClose(Status status, Metadata trailers) {
              ended.complete(status);
            }
          },
          headers);
      call.setMessageCompression(codec != Codec.Identity.NONE);
      call.request(1);
      call.sendMessage(message);
      call.halfClose();
      return ended.join();
    } finally {
      channel.shutdownNow();
    }
  }

  /** Says that it compresses, and does not. */
  private record AsIs(String getMessageEncoding) implements Codec {
    @Override
    public InputStream decompress(InputStream packed) {
      return packed;
    }

    @Override
    public OutputStream compress(OutputStream packed) {
      return packed;
    }
  }

  private static final class Logged extends Handler {
    private final List<String> records = new CopyOnWriteArrayList<>();

    @Override
    public void publish(LogRecord logRecord) {
      if (logRecord.getLevel().intValue() >= Level.INFO.intValue()) {
        records.add(logRecord.getLoggerName() + ": " + logRecord.getMessage());
      }
    }

    @Override
    public void flush() {
      // They are kept.
    }

    @Override
    public void close() {
      // It holds nothing.
    }
  }
}
