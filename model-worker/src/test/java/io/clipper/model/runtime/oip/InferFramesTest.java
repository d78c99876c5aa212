package io.clipper.model.runtime.oip;

import static io.clipper.model.runtime.oip.SumsWorker.ID;
import static io.clipper.model.runtime.oip.SumsWorker.number;
import static io.clipper.model.runtime.oip.SumsWorker.sums;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.clipper.model.Input;
import io.clipper.model.Output;
import io.clipper.model.runtime.CopyLostException;
import io.clipper.model.runtime.oip.protocol.ModelInferRequest;
import io.clipper.model.runtime.oip.protocol.ModelInferResponse;
import io.grpc.Server;
import io.grpc.Status;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InferFramesTest {
  private static final Duration SOON = Duration.ofSeconds(10);
  private static final int MOST = 8;

  private final List<AutoCloseable> open = new ArrayList<>();
  /** What is asked by calls beside them. */
  private final SumsWorker worker = new SumsWorker(InferStreams.EXTENSION, Frames.EXTENSION);
  private final BlockingQueue<Came> came = new LinkedBlockingQueue<>();

  @TempDir private Path directory = Path.of("");

  private Path socket;
  private FrameServer frames;
  private OipModelRuntime runtime;

  /** What came in a frame, for the test to answer. */
  private record Came(ModelInferRequest request, Duration budget, CompletableFuture<ModelInferResponse> caller) {
    void answer() {
      caller.complete(sums(request));
    }

    void refuse(Status status, String words) {
      caller.completeExceptionally(status.withDescription(words).asRuntimeException());
    }
  }

  @BeforeEach
  void serve() throws Exception {
    String target = "unix:" + directory.resolve("s");
    socket = Frames.beside(target).orElseThrow();
    frames = FrameServer.start(socket, this::hold);
    open.add(frames);
    Server server = Transport.server(target).addService(worker).build().start();
    open.add(server::shutdownNow);
    runtime = OipModelRuntime.connect(target, ID.name(), ID.version(), Optional.empty(), SOON);
    open.add(runtime);
  }

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable each : open.reversed()) {
      each.close();
    }
  }

  @Test
  void oneBatchAfterAnotherIsAnswered() throws Exception {
    for (int i = 0; i < 3; i++) {
      CompletionStage<List<Output>> asked = runtime.predict(List.of(Input.doubles(i, 1)));
      came().answer();
      assertThat(number(asked)).isEqualTo(i + 1.0);
    }
    assertThat(worker.calls).hasValue(0);
  }

  @Test
  void whatIsUnderWayAtOnceHasAConnectionEachAndWhatIsMoreGoesByItself() throws Exception {
    List<CompletionStage<List<Output>>> asked = IntStream.range(0, MOST).mapToObj(i -> runtime.predict(List.of(Input.doubles(i, 1)))).toList();
    assertThat(number(runtime.predict(List.of(Input.doubles(8, 1))))).isEqualTo(9.0);
    assertThat(worker.calls).hasValue(1);
    for (int i = 0; i < MOST; i++) {
      came().answer();
    }
    for (int i = 0; i < MOST; i++) {
      assertThat(number(asked.get(i))).isEqualTo(i + 1.0);
    }
  }

  @Test
  void whatIsLargerThanASocketTakesAtOnceArrives() throws Exception {
    double[] wide = IntStream.range(0, 100_000).mapToDouble(i -> 1).toArray();
    List<Input> batch = IntStream.range(0, 20).mapToObj(i -> Input.doubles(wide)).toList();
    CompletionStage<List<Output>> asked = runtime.predict(batch);
    Came came = came();
    came.caller.complete(InferResponses.response(ID.name(), ID.version(), "", IntStream.range(0, 20).mapToObj(i -> Output.of("x".repeat(100_000))).toList()));
    assertThat(asked.toCompletableFuture().get(10, SECONDS)).hasSize(20).allMatch(output -> output.label().orElseThrow().length() == 100_000);
    assertThat(InferRequests.rows(came.request)).hasSize(20);
    assertThat(worker.calls).hasValue(0);
  }

  @Test
  void aRequestSaysForHowLongItsAnswerIsWanted() throws Exception {
    CompletionStage<List<Output>> asked = runtime.predict(List.of(Input.doubles(1)), Duration.ofSeconds(7));
    Came came = came();
    came.answer();
    number(asked);
    assertThat(came.budget).isGreaterThan(Duration.ofSeconds(5)).isLessThanOrEqualTo(Duration.ofSeconds(7));
  }

  @Test
  void whatNobodyWaitsForAnyMoreEndsItsConnectionAndTheNextHasAnother() throws Exception {
    for (int i = 0; i <= MOST; i++) {
      CompletionStage<List<Output>> late = runtime.predict(List.of(Input.doubles(1)), Duration.ofMillis(300));
      Came first = came();
      assertThatThrownBy(() -> number(late)).hasMessageContaining("deadline exceeded: no answer within");
      first.answer(); // to nobody
    }

    CompletionStage<List<Output>> next = runtime.predict(List.of(Input.doubles(2)));
    came().answer();
    assertThat(number(next)).isEqualTo(2.0);
    assertThat(worker.calls).hasValue(0);
  }

  @Test
  void aRefusedBatchIsNotAskedAgainAndTheNextIsAnswered() throws Exception {
    CompletionStage<List<Output>> refused = runtime.predict(List.of(Input.doubles(1)));
    came().refuse(Status.INTERNAL, "ValueError: feature 3 is out of range ≥ 1");
    assertThatThrownBy(() -> number(refused)).hasCauseInstanceOf(IllegalStateException.class).hasMessageContaining("feature 3 is out of range ≥ 1");

    CompletionStage<List<Output>> next = runtime.predict(List.of(Input.doubles(2)));
    came().answer();
    assertThat(number(next)).isEqualTo(2.0);
    assertThat(worker.calls).hasValue(0);
  }

  @Test
  void whatIsTooLargeForAMessageGoesInHalves() throws Exception {
    CompletionStage<List<Output>> asked = runtime.predict(List.of(Input.doubles(1), Input.doubles(2)));
    came().refuse(Status.RESOURCE_EXHAUSTED, "the message exceeds maximum size 67108864: 70000000");
    came().answer();
    came().answer();

    assertThat(asked.toCompletableFuture().get(10, SECONDS)).extracting(output -> output.number().orElseThrow()).containsExactly(1.0, 2.0);
    assertThat(worker.calls).hasValue(0);
  }

  @Test
  void whatAConnectionEndedForIsAskedByACallAndSoIsWhatComesAfterTheSocketIsGone() throws Exception {
    CompletionStage<List<Output>> asked = runtime.predict(List.of(Input.doubles(1)));
    came();
    frames.close();
    assertThat(number(asked)).isEqualTo(1.0);
    assertThat(number(runtime.predict(List.of(Input.doubles(2))))).isEqualTo(2.0);
    assertThat(worker.calls).hasValue(2);
    assertThat(socket).doesNotExist();
  }

  @Test
  void whoIsGivenUpAnswersNobodyAndSaysWhy() throws Exception {
    CompletionStage<List<Output>> asked = runtime.predict(List.of(Input.doubles(1)));
    came();
    runtime.giveUp("the process has ended");
    assertThatThrownBy(() -> number(asked)).hasCauseInstanceOf(CopyLostException.class).hasMessageContaining("the process has ended");
  }

  @Test
  void anEndLetsWhatRunsBeAnsweredAndWaitsForNobodyElse() throws Exception {
    CompletionStage<List<Output>> first = runtime.predict(List.of(Input.doubles(1)));
    Came running = came();
    CompletionStage<List<Output>> idleSoon = runtime.predict(List.of(Input.doubles(2)));
    came().answer();
    number(idleSoon);
    frames.end();
    assertThat(frames.awaitEnd(Duration.ZERO)).isFalse();
    running.answer();
    assertThat(number(first)).isEqualTo(1.0);
    assertThat(frames.awaitEnd(SOON)).isTrue();
  }

  /** By a thread that others need. */
  @Test
  void whoAcceptsNobodyIsNotWaitedFor() throws Exception {
    frames.close();
    try (ServerSocketChannel still = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      still.bind(UnixDomainSocketAddress.of(socket), 1);
      assertThatThrownBy(
              () -> {
                while (true) {
                  connectToNobody();
                }
              })
          .hasMessageContaining("temporarily unavailable");
      assertThat(number(runtime.predict(List.of(Input.doubles(1))))).isEqualTo(1.0);
      assertThat(worker.calls).hasValue(1);
    }
  }

  @Test
  void whatIsNoRequestEndsOnlyItsOwnConnection() throws Exception {
    try (SocketChannel stranger = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
      stranger.write(ByteBuffer.allocate(12).putInt(Transport.MAX_MESSAGE_BYTES + 1).putLong(Long.MAX_VALUE).flip());
      Frames.Answer answer = new Frames(stranger).readAnswer();
      assertThat(answer.status().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
      assertThat(answer.status().getDescription()).contains("exceeds maximum size");
      assertThat(stranger.read(ByteBuffer.allocate(1))).isEqualTo(-1);
    }
    try (SocketChannel stranger = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
      stranger.write(ByteBuffer.allocate(14).putInt(2).putLong(Long.MAX_VALUE / 2).put((byte) 0xff).put((byte) 0xff).flip());
      assertThat(stranger.read(ByteBuffer.allocate(1))).isEqualTo(-1);
    }
    CompletionStage<List<Output>> asked = runtime.predict(List.of(Input.doubles(1)));
    came().answer();
    assertThat(number(asked)).isEqualTo(1.0);
  }

  @Test
  void whatComesTooLateIsNotComputed() throws Exception {
    try (SocketChannel stranger = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
      Frames stale = new Frames(stranger);
      stale.write(Frames.request(ModelInferRequest.getDefaultInstance(), Duration.ofSeconds(-1)));
      assertThat(stale.readAnswer().status().getCode()).isEqualTo(Status.Code.DEADLINE_EXCEEDED);
    }
    assertThat(came).isEmpty();
  }

  @Test
  void aPathThatIsTooLongWithTheirEndHasNone() {
    assertThat(Frames.beside("unix:/" + "x".repeat(99))).isPresent();
    assertThat(Frames.beside("unix:/" + "x".repeat(100))).isEmpty();
    assertThat(Frames.beside("127.0.0.1:8001")).isEmpty();
  }

  @Test
  void thePythonWorkerNamesThemAsThisSideDoes() throws Exception {
    Path python = Path.of("python", "clipper_worker");
    assertThat(Files.readString(python.resolve("protocol.py"))).contains("FRAMES = \"%s\"".formatted(Frames.EXTENSION));
    assertThat(Files.readString(python.resolve("frames.py"))).contains("SUFFIX = \"%s\"".formatted(Frames.SUFFIX));
  }

  private void connectToNobody() throws IOException {
    SocketChannel waiting = SocketChannel.open(StandardProtocolFamily.UNIX);
    open.add(waiting);
    waiting.configureBlocking(false);
    waiting.connect(UnixDomainSocketAddress.of(socket));
  }

  private CompletionStage<ModelInferResponse> hold(ModelInferRequest request, Duration budget) {
    Came one = new Came(request, budget, new CompletableFuture<>());
    came.add(one);
    return one.caller;
  }

  private Came came() throws InterruptedException {
    Came one = came.poll(10, SECONDS);
    assertThat(one).as("a request in a frame").isNotNull();
    return one;
  }
}
