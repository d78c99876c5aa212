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

  private void send(int requests) {
    for (int i = 0; i < requests; i++) {
      stream.onNext(new GrpcInfer.Unreadable("m", Integer.toString(i), Fault.invalid("never read")));
    }
  }

  /** A client's end of a call that reads only when it is told to. */
  private static final class Transport extends ServerCallStreamObserver<ModelStreamInferResponse> {
    private final List<ModelStreamInferResponse> answers = new ArrayList<>();
    private boolean ready = true;
    private int requested;
    private Runnable onReady = () -> {};

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
      return false;
    }

    @Override
    public void setOnCancelHandler(Runnable handler) {}

    @Override
    public void disableAutoRequest() {}

    @Override
    public void disableAutoInboundFlowControl() {}

    @Override
    public void setMessageCompression(boolean enable) {}

    @Override
    public void setCompression(String compression) {}

    @Override
    public void onError(Throwable failure) {}

    @Override
    public void onCompleted() {}
  }
}
