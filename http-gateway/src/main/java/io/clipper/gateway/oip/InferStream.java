package io.clipper.gateway.oip;

import io.clipper.gateway.Caller;
import io.clipper.model.runtime.oip.protocol.ModelInferResponse;
import io.clipper.model.runtime.oip.protocol.ModelStreamInferResponse;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.Function;

/**
 * One stream of inferences. They run side by side, as many as the window has room for, and are answered in the order in which they came. A
 * request that fails is answered by its message, and the stream goes on; a client that asks for it gets the status, and the stream ends. While
 * a client does not read its answers, no more of its requests are taken: the answers would pile up here.
 */
final class InferStream implements StreamObserver<GrpcInfer> {
  /** Requests on their way at a time: enough to fill a batch, few enough that a stream does not starve others. */
  private static final int WINDOW = 64;

  private final ServerCallStreamObserver<ModelStreamInferResponse> caller;
  private final Function<GrpcInfer, CompletionStage<ModelInferResponse>> inference;
  private final boolean statusOnFault;
  /** Requests that may be taken for those that were answered, as soon as the client has room for more answers. */
  private final AtomicInteger due = new AtomicInteger();
  /**
   * Complete when everything so far was answered: whether the stream is still open. Written by the stream's own calls alone, which come
   * one after another.
   */
  private CompletableFuture<Boolean> open = CompletableFuture.completedFuture(true);

  InferStream(
      ServerCallStreamObserver<ModelStreamInferResponse> caller,
      Caller client,
      Function<GrpcInfer, CompletionStage<ModelInferResponse>> inference,
      boolean statusOnFault) {
    this.caller = caller;
    this.inference = inference;
    this.statusOnFault = statusOnFault;
    caller.setOnCancelHandler(client::left);
    caller.setOnReadyHandler(this::takeDue);
    caller.disableAutoRequest();
    caller.request(WINDOW);
  }

  @Override
  public void onNext(GrpcInfer request) {
    CompletableFuture<BooleanSupplier> answer =
        GrpcAnswers.attempt(() -> inference.apply(request))
            .<BooleanSupplier>handle((message, failure) -> failure == null ? () -> tell(answer(message)) : () -> refuse(request, failure))
            .toCompletableFuture();
    open = open.thenCombine(answer, (still, tell) -> still && tell.getAsBoolean());
  }

  @Override
  public void onError(Throwable failure) {
    // The client has left: what is on its way is withdrawn by the cancel handler.
  }

  @Override
  public void onCompleted() {
    open =
        open.thenApply(
            still -> {
              if (still && !caller.isCancelled()) {
                caller.onCompleted();
              }
              return false;
            });
  }

  private static ModelStreamInferResponse answer(ModelInferResponse message) {
    return ModelStreamInferResponse.newBuilder().setInferResponse(message).build();
  }

  private boolean refuse(GrpcInfer request, Throwable failure) {
    Fault fault = Fault.of(failure, "ModelStreamInfer");
    if (statusOnFault && !caller.isCancelled()) {
      caller.onError(fault.grpc().asRuntimeException());
      return false;
    }
    ModelInferResponse which = ModelInferResponse.newBuilder().setModelName(request.model()).setId(request.id()).build();
    return tell(ModelStreamInferResponse.newBuilder().setErrorMessage(String.valueOf(fault.getMessage())).setInferResponse(which).build());
  }

  /** Whether there is still someone to tell. */
  private boolean tell(ModelStreamInferResponse message) {
    if (caller.isCancelled()) {
      return false;
    }
    caller.onNext(message);
    due.incrementAndGet();
    takeDue();
    return true;
  }

  private void takeDue() {
    // Read after the count was raised: whichever of an answer and the transport comes last finds the other's work.
    if (caller.isReady()) {
      int requests = due.getAndSet(0);
      if (requests > 0) {
        caller.request(requests);
      }
    }
  }
}
