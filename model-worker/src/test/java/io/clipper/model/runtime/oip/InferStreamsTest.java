package io.clipper.model.runtime.oip;

import static io.clipper.model.runtime.oip.SumsWorker.ID;
import static io.clipper.model.runtime.oip.SumsWorker.number;
import static io.clipper.model.runtime.oip.SumsWorker.sums;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.clipper.model.Input;
import io.clipper.model.Output;
import io.clipper.model.Signature;
import io.clipper.model.runtime.ModelRuntime;
import io.clipper.model.runtime.oip.protocol.ModelInferRequest;
import io.clipper.model.runtime.oip.protocol.ModelStreamInferResponse;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class InferStreamsTest {
  private static final Duration SOON = Duration.ofSeconds(10);
  private static final int MOST = 8;

  private final List<AutoCloseable> open = new ArrayList<>();
  private final Worker worker = new Worker();
  private OipModelRuntime runtime;

  /** What came on a stream, for the test to answer. */
  private record Came(ModelInferRequest request, StreamObserver<ModelStreamInferResponse> caller) {
    void answer() {
      caller.onNext(ModelStreamInferResponse.newBuilder().setInferResponse(sums(request)).build());
    }

    void refuse(Status status, String words) {
      caller.onError(status.withDescription(words).asRuntimeException());
    }
  }

  private static final class Worker extends SumsWorker {
    final AtomicInteger streams = new AtomicInteger();
    final BlockingQueue<Came> came = new LinkedBlockingQueue<>();
    final CountDownLatch left = new CountDownLatch(1);

    Worker() {
      super(InferStreams.EXTENSION);
    }

    @Override
    public StreamObserver<ModelInferRequest> modelStreamInfer(StreamObserver<ModelStreamInferResponse> caller) {
      streams.incrementAndGet();
      return new StreamObserver<>() {
        @Override
        public void onNext(ModelInferRequest request) {
          came.add(new Came(request, caller));
        }

        @Override
        public void onError(Throwable cancelled) {
          left.countDown();
        }

        @Override
        public void onCompleted() {
          caller.onCompleted();
        }
      };
    }
  }

  @BeforeEach
  void serve() throws Exception {
    Server server = Transport.server("127.0.0.1:0").addService(worker).build().start();
    open.add(server::shutdownNow);
    runtime = OipModelRuntime.connect("127.0.0.1:" + server.getPort(), ID.name(), ID.version(), Optional.empty(), SOON);
    open.add(runtime);
  }

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable each : open.reversed()) {
      each.close();
    }
  }

  @Test
  void oneBatchAfterAnotherGoesOnTheSameStream() throws Exception {
    for (int i = 0; i < 3; i++) {
      CompletionStage<List<Output>> asked = runtime.predict(List.of(Input.doubles(i, 1)));
      came().answer();
      assertThat(number(asked)).isEqualTo(i + 1.0);
    }
    assertThat(worker.streams).hasValue(1);
    assertThat(worker.calls).hasValue(0);
  }

  @Test
  void whatIsUnderWayAtOnceHasAStreamEachAndWhatIsMoreGoesByItself() throws Exception {
    List<CompletionStage<List<Output>>> asked = IntStream.range(0, MOST).mapToObj(i -> runtime.predict(List.of(Input.doubles(i, 1)))).toList();
    assertThat(number(runtime.predict(List.of(Input.doubles(8, 1))))).isEqualTo(9.0);
    assertThat(worker.calls).hasValue(1);
    for (int i = 0; i < MOST; i++) {
      came().answer();
    }
    for (int i = 0; i < MOST; i++) {
      assertThat(number(asked.get(i))).isEqualTo(i + 1.0);
    }
    assertThat(worker.streams).hasValue(MOST);
  }

  @Test
  void aRequestSaysForHowLongItsAnswerIsWanted() throws Exception {
    CompletionStage<List<Output>> asked = runtime.predict(List.of(Input.doubles(1)), Duration.ofSeconds(7));
    Came came = came();
    came.answer();
    number(asked);

    assertThat(InferStreams.budget(came.request()).orElseThrow()).isGreaterThan(Duration.ofSeconds(5)).isLessThanOrEqualTo(Duration.ofSeconds(7));
    assertThat(InferStreams.budget(ModelInferRequest.getDefaultInstance())).isEmpty();
  }

  @Test
  void whatNobodyWaitsForAnyMoreEndsItsStreamAndTheNextHasAnother() throws Exception {
    CompletionStage<List<Output>> late = runtime.predict(List.of(Input.doubles(1)), Duration.ofSeconds(1));
    came();
    assertThatThrownBy(() -> number(late)).hasMessageContaining("deadline exceeded: no answer within");
    assertThat(worker.left.await(10, SECONDS)).isTrue();

    CompletionStage<List<Output>> next = runtime.predict(List.of(Input.doubles(2)));
    came().answer();
    assertThat(number(next)).isEqualTo(2.0);
    assertThat(worker.streams).hasValue(2);
  }

  @Test
  void aRefusedBatchIsNotAskedAgainAndTheNextHasAnotherStream() throws Exception {
    CompletionStage<List<Output>> refused = runtime.predict(List.of(Input.doubles(1)));
    came().refuse(Status.INTERNAL, "ValueError: feature 3 is out of range");
    assertThatThrownBy(() -> number(refused)).hasCauseInstanceOf(IllegalStateException.class).hasMessageContaining("feature 3 is out of range");

    CompletionStage<List<Output>> next = runtime.predict(List.of(Input.doubles(2)));
    came().answer();
    assertThat(number(next)).isEqualTo(2.0);
    assertThat(worker.calls).hasValue(0);
  }

  /** Not by a call first, which would be too large as well. */
  @Test
  void whatIsTooLargeForAMessageGoesInHalves() throws Exception {
    CompletionStage<List<Output>> asked = runtime.predict(List.of(Input.doubles(1), Input.doubles(2)));
    came().refuse(Status.RESOURCE_EXHAUSTED, "gRPC message exceeds maximum size 67108864: 70000000");
    came().answer();
    came().answer();

    assertThat(asked.toCompletableFuture().get(10, SECONDS)).extracting(output -> output.number().orElseThrow()).containsExactly(1.0, 2.0);
    assertThat(worker.calls).hasValue(0);
  }

  @Test
  void whatWouldWaitTooLongIsNotAskedAgain() throws Exception {
    CompletionStage<List<Output>> refused = runtime.predict(List.of(Input.doubles(2)));
    came().refuse(Status.RESOURCE_EXHAUSTED, "64 batches wait for the model already");

    assertThatThrownBy(() -> number(refused)).hasMessageContaining("64 batches wait");
    assertThat(worker.calls).hasValue(0);
  }

  @Test
  void whatAStreamEndedForIsAskedByACall() throws Exception {
    CompletionStage<List<Output>> cancelled = runtime.predict(List.of(Input.doubles(1)));
    came().refuse(Status.CANCELLED, "the worker stops");
    assertThat(number(cancelled)).isEqualTo(1.0);

    CompletionStage<List<Output>> ended = runtime.predict(List.of(Input.doubles(3)));
    came().caller().onCompleted();
    assertThat(number(ended)).isEqualTo(3.0);
    assertThat(worker.calls).hasValue(2);
  }

  @Test
  void aStreamThatEndedWhileItWasIdleIsNotAsked() throws Exception {
    CompletionStage<List<Output>> first = runtime.predict(List.of(Input.doubles(1)));
    Came came = came();
    came.answer();
    number(first);
    came.caller().onCompleted();
    runtime.isReady(SOON).toCompletableFuture().get(10, SECONDS); // the end has come before what is answered after it

    CompletionStage<List<Output>> next = runtime.predict(List.of(Input.doubles(2)));
    came().answer();
    assertThat(number(next)).isEqualTo(2.0);
    assertThat(worker.calls).hasValue(0);
  }

  @Test
  void thePythonWorkerNamesThemAsThisSideDoes() throws Exception {
    assertThat(Files.readString(Path.of("python", "clipper_worker", "protocol.py")))
        .contains("STREAMS = \"%s\"".formatted(InferStreams.EXTENSION))
        .contains("TIMEOUT = \"%s\"".formatted(InferStreams.TIMEOUT));
  }

  /** Both ends are ours. */
  @Test
  void aWorkerThatDrainsAnswersWhatItHasAndWaitsForNoIdleStream() throws Exception {
    CompletableFuture<List<Output>> held = new CompletableFuture<>();
    BlockingQueue<Duration> budgets = new LinkedBlockingQueue<>();
    OipServer server = OipServer.start("127.0.0.1:0", ID, new Held(held, budgets), Duration.ofMinutes(1));
    open.add(server);
    OipModelRuntime ours = OipModelRuntime.connect(server.target(), ID.name(), ID.version(), Optional.empty(), SOON);
    open.add(ours);
    CompletionStage<List<Output>> idleSoon = ours.predict(List.of(Input.doubles(-1)));
    CompletionStage<List<Output>> asked = ours.predict(List.of(Input.doubles(1)), Duration.ofSeconds(30));
    number(idleSoon);
    assertThat(List.of(budgets.take(), budgets.take())).anyMatch(budget -> budget.compareTo(Duration.ofSeconds(30)) <= 0);

    CompletableFuture<Boolean> drained = CompletableFuture.supplyAsync(() -> drained(server));
    while (ours.isReady(SOON).toCompletableFuture().get(10, SECONDS)) {
      assertThat(drained).isNotDone(); // it takes calls still
    }
    assertThat(drained).isNotDone();
    held.complete(List.of(Output.of(4.0)));

    assertThat(number(asked)).isEqualTo(4.0);
    assertThat(drained.get(10, SECONDS)).isTrue();
  }

  private static boolean drained(OipServer server) {
    try {
      return server.drain(Duration.ofMinutes(1));
    } catch (InterruptedException interrupted) {
      throw new AssertionError(interrupted);
    }
  }

  /** Answers what is below zero at once. */
  private record Held(CompletableFuture<List<Output>> held, BlockingQueue<Duration> budgets) implements ModelRuntime {
    @Override
    public Signature signature() {
      return Signature.named("doubles");
    }

    @Override
    public CompletionStage<List<Output>> predict(List<Input> batch) {
      return predict(batch, Duration.ofDays(1));
    }

    @Override
    public CompletionStage<List<Output>> predict(List<Input> batch, Duration budget) {
      budgets.add(budget);
      return batch.getFirst().first().doubleAt(0) < 0 ? CompletableFuture.completedFuture(List.of(Output.of(0.0))) : held;
    }

    @Override
    public void close() {
      // It holds nothing.
    }
  }

  private Came came() throws InterruptedException {
    Came came = worker.came.poll(10, SECONDS);
    assertThat(came).as("a request on a stream").isNotNull();
    return came;
  }
}
