package io.clipper.gateway.oip;

import static org.assertj.core.api.Assertions.assertThat;

import io.clipper.gateway.Caller;
import io.clipper.model.runtime.oip.protocol.ModelInferResponse;
import io.clipper.model.runtime.oip.protocol.ModelStreamInferResponse;
import io.grpc.stub.ServerCallStreamObserver;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class InferStreamTest {
  private static final int WINDOW = 64;

  private final Transport transport = new Transport();
  private final InferStream stream =
      new InferStream(
          transport, new Caller(), request -> CompletableFuture.completedStage(ModelInferResponse.newBuilder().setId(request.id()).build()), false);

  @Test
  void eachAnswerThatIsReadAsksForAnotherRequest() {
    send(WINDOW);
    assertThat(transport.requested).isEqualTo(2 * WINDOW);
  }

  @Test
  void whileTheReaderStallsNoMoreIsTakenThanTheWindow() {
    transport.ready = false;
    send(WINDOW);
    assertThat(transport.answers).hasSize(WINDOW);
    assertThat(transport.requested).isEqualTo(WINDOW);
    transport.ready = true;
    transport.onReady.run();
    assertThat(transport.requested).isEqualTo(2 * WINDOW);
    transport.onReady.run();
    assertThat(transport.requested).isEqualTo(2 * WINDOW);
    assertThat(transport.answers.getLast().getInferResponse().getId()).isEqualTo(Integer.toString(WINDOW - 1));
  }

  /** The client sends no more while some of its requests are still being answered. */
  @Test
  void aStreamThatIsDoneSendingEndsBehindItsLastAnswer() {
    CompletableFuture<ModelInferResponse> held = new CompletableFuture<>();
    InferStream slow = new InferStream(transport, new Caller(), request -> held, false);
    slow.onNext(request(0));
    slow.onCompleted();
    assertThat(transport.completions).isZero();
    held.complete(ModelInferResponse.getDefaultInstance());
    assertThat(transport.answers).hasSize(1);
    assertThat(transport.completions).isOne();
  }

  @Test
  void afterAStatusNothingMoreIsTold() {
    InferStream strict = new InferStream(transport, new Caller(), request -> CompletableFuture.failedStage(Fault.invalid("no")), true);
    strict.onNext(request(0));
    strict.onNext(request(1));
    strict.onCompleted();
    assertThat(transport.failures).hasSize(1);
    assertThat(transport.answers).isEmpty();
    assertThat(transport.completions).isZero();
  }

  @Test
  void whatIsAnsweredAfterTheClientLeftIsToldToNobody() {
    CompletableFuture<ModelInferResponse> held = new CompletableFuture<>();
    Caller client = new Caller();
    InferStream left = new InferStream(transport, client, request -> client.awaits(held), false);
    left.onNext(request(0));
    transport.cancelled = true;
    transport.onCancel.run();
    assertThat(held).isCancelled();
    left.onCompleted();
    assertThat(transport.answers).isEmpty();
    assertThat(transport.completions).isZero();
  }

  private static GrpcInfer request(int id) {
    return new GrpcInfer.Unreadable("m", Integer.toString(id), Fault.invalid("never read"));
  }

  private void send(int requests) {
    for (int i = 0; i < requests; i++) {
      stream.onNext(request(i));
    }
  }

  /** A client's end of a call that reads only when it is told to. */
  private static final class Transport extends ServerCallStreamObserver<ModelStreamInferResponse> {
    private final List<ModelStreamInferResponse> answers = new ArrayList<>();
    private boolean ready = true;
    private int requested;
    private Runnable onReady = () -> {};
    private Runnable onCancel = () -> {};
    private boolean cancelled;
    private final List<Throwable> failures = new ArrayList<>();
    private int completions;

    @Override
    public boolean isReady() {
      return ready;
    }

    @Override
    public void setOnReadyHandler(Runnable handler) {
      onReady = handler;
    }

    @Override
    public void request(int count) {
      requested += count;
    }

    @Override
    public void onNext(ModelStreamInferResponse answer) {
      answers.add(answer);
    }

    @Override
    public boolean isCancelled() {
      return cancelled;
    }

    @Override
    public void setOnCancelHandler(Runnable handler) {
      onCancel = handler;
    }

    @Override
    public void disableAutoRequest() {}

    @Override
    public void disableAutoInboundFlowControl() {}

    @Override
    public void setMessageCompression(boolean enable) {}

    @Override
    public void setCompression(String compression) {}

    @Override
    public void onError(Throwable failure) {
      failures.add(failure);
    }

    @Override
    public void onCompleted() {
      completions++;
    }
  }
}
