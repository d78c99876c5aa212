package io.clipper.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.clipper.application.Prediction;
import io.clipper.application.Query;
import io.clipper.catalog.Application;
import io.clipper.catalog.CatalogChange;
import io.clipper.catalog.LearningSettings;
import io.clipper.catalog.ModelVersion;
import io.clipper.model.Input;
import io.clipper.model.InputType;
import io.clipper.model.ModelId;
import io.clipper.model.Output;
import io.clipper.model.runtime.RuntimeSpec;
import io.clipper.model.runtime.oip.protocol.GRPCInferenceServiceGrpc;
import io.clipper.model.runtime.oip.protocol.InferParameter;
import io.clipper.model.runtime.oip.protocol.InferTensorContents;
import io.clipper.model.runtime.oip.protocol.ModelInferRequest;
import io.clipper.model.runtime.oip.protocol.ModelInferResponse;
import io.clipper.model.runtime.oip.protocol.ModelStreamInferResponse;
import io.grpc.Context;
import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import org.apache.pekko.stream.KillSwitches;
import org.apache.pekko.stream.javadsl.Keep;
import org.apache.pekko.stream.javadsl.Sink;
import org.apache.pekko.stream.javadsl.Source;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Whose client has left is not computed, whichever door it came by. While the model is busy with row 1, row 2 waits and is withdrawn. */
class WithdrawnQueriesTest {
  private static final ModelId MODEL = new ModelId("held", "1");
  /** Of every query, whichever door it came by: what leaves while the test waits has not left because its time was over. */
  private static final Duration OBJECTIVE = Duration.ofMinutes(10);
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final Duration POLL = Duration.ofMillis(2);

  @TempDir private static Path data;
  private static ClipperNode node;
  private static ManagedChannel channel;

  /** A way to ask, which gives a way to leave. */
  private enum Door {
    EMBEDDED {
      @Override
      Runnable ask(double number) {
        CompletableFuture<Prediction> answer = WithdrawnQueriesTest.ask(number);
        return () -> answer.cancel(false);
      }
    },
    EMBEDDED_STREAM {
      @Override
      Runnable ask(double number) {
        return Source.single(Input.doubles(number))
            .concat(Source.maybe())
            .via(node.serving().applications().flow("held", 2))
            .viaMat(KillSwitches.single(), Keep.right())
            .to(Sink.ignore())
            .run(node.system())::shutdown;
      }
    },
    HTTP {
      @Override
      Runnable ask(double number) {
        return post("/held/predict", "{\"input\":[%s]}".formatted(number));
      }
    },
    HTTP_BATCH {
      @Override
      Runnable ask(double number) {
        return post("/held/predict", "{\"input_batch\":[[%s]]}".formatted(number));
      }
    },
    REST {
      @Override
      Runnable ask(double number) {
        return post("/v2/models/held/infer", tensor(number));
      }
    },
    REST_TO_THE_MODEL {
      @Override
      Runnable ask(double number) {
        return post("/v2/models/held@model/infer", tensor(number));
      }
    },
    GRPC {
      @Override
      Runnable ask(double number) {
        Future<ModelInferResponse> answer = GRPCInferenceServiceGrpc.newFutureStub(channel).modelInfer(request(number));
        return () -> answer.cancel(true);
      }
    },
    GRPC_STREAM {
      @Override
      Runnable ask(double number) {
        Context.CancellableContext call = Context.current().withCancellation();
        call.run(() -> GRPCInferenceServiceGrpc.newStub(channel).modelStreamInfer(new Deaf()).onNext(request(number)));
        return () -> call.cancel(null);
      }
    };

    abstract Runnable ask(double number);
  }

  private static final class Deaf implements StreamObserver<ModelStreamInferResponse> {
    @Override
    public void onNext(ModelStreamInferResponse message) {}

    @Override
    public void onError(Throwable failure) {}

    @Override
    public void onCompleted() {}
  }

  @BeforeAll
  static void start() {
    node = ClipperNode.start(TestNodes.options(data, 0, 0, false));
    channel = NettyChannelBuilder.forAddress(node.grpcAddress()).usePlaintext().build();
    ModelVersion version =
        new ModelVersion(
            MODEL, InputType.DOUBLES.signature(), new RuntimeSpec.PlugIn(HeldModel.KIND, Map.of()), Optional.empty(), List.of(), "", "", 1, false);
    Application application =
        new Application("held", InputType.DOUBLES.signature(), OBJECTIVE, "-1", LearningSettings.DEFAULT, List.of());
    node.serving()
        .applications()
        .change(new CatalogChange.Deploy(version, Optional.empty(), Optional.of(application)))
        .thenCompose(changed -> node.serving().replicas().whenSettled(MODEL))
        .toCompletableFuture()
        .join();
  }

  @AfterAll
  static void stop() {
    channel.shutdownNow();
    node.close();
  }

  @BeforeEach
  void hold() {
    HeldModel.hold();
  }

  @AfterEach
  void release() {
    HeldModel.release();
  }

  @ParameterizedTest
  @EnumSource
  void whatItsClientHasLeftIsNotComputed(Door door) throws InterruptedException {
    CompletableFuture<Prediction> first = ask(1);
    HeldModel.Batch busy = HeldModel.expect(1.0);
    Runnable leave = door.ask(2);
    awaitQueued(1);

    leave.run();
    awaitQueued(0);
    busy.end();
    assertThat(first.join().output()).isEqualTo(Output.of(1.0));

    CompletableFuture<Prediction> next = ask(3);
    HeldModel.expect(3.0).end();
    assertThat(next.join().output()).isEqualTo(Output.of(3.0));
  }

  @Test
  void whoeverElseWaitsForItIsAnswered() throws InterruptedException {
    CompletableFuture<Prediction> first = ask(1);
    HeldModel.Batch busy = HeldModel.expect(1.0);
    Runnable leave = Door.HTTP.ask(2);
    // Only what has come by HTTP can leave; the others are in the loop's mailbox when they are asked.
    awaitQueued(1);
    CompletableFuture<Prediction> stays = ask(2);
    CompletableFuture<Prediction> leaves = ask(2);

    leave.run();
    leaves.cancel(false);
    busy.end();
    HeldModel.expect(2.0).end();

    assertThat(stays.join().output()).isEqualTo(Output.of(2.0));
    assertThat(first.join().output()).isEqualTo(Output.of(1.0));
  }

  private static CompletableFuture<Prediction> ask(double number) {
    return node.serving().applications().predict(Query.of("held", Input.doubles(number))).toCompletableFuture();
  }

  private static void awaitQueued(int rows) {
    Awaitility.await().atMost(PATIENCE).pollDelay(Duration.ZERO).pollInterval(POLL).until(WithdrawnQueriesTest::queued, queued -> queued == rows);
  }

  private static int queued() {
    return TestNodes.queued(node.serving().replicas().statuses().toCompletableFuture().join());
  }

  /** Sends the request, and leaves by closing the connection. */
  private static Runnable post(String path, String body) {
    try {
      Socket socket = new Socket(node.queryAddress().getAddress(), node.queryAddress().getPort());
      String request =
          "POST %s HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s".formatted(path, body.length(), body);
      socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      return () -> close(socket);
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }

  private static void close(Socket socket) {
    try {
      socket.close();
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }

  private static String tensor(double number) {
    return "{\"parameters\":{\"timeout\":%d},\"inputs\":[{\"name\":\"input\",\"shape\":[1,1],\"datatype\":\"FP64\",\"data\":[%s]}]}"
        .formatted(OBJECTIVE.toNanos() / 1000, number);
  }

  private static ModelInferRequest request(double number) {
    return ModelInferRequest.newBuilder()
        .setModelName("held")
        .addInputs(
            ModelInferRequest.InferInputTensor.newBuilder()
                .setName("input")
                .setDatatype("FP64")
                .addShape(1)
                .addShape(1)
                .setContents(InferTensorContents.newBuilder().addFp64Contents(number)))
        .putParameters("timeout", InferParameter.newBuilder().setInt64Param(OBJECTIVE.toNanos() / 1000).build())
        .build();
  }
}
