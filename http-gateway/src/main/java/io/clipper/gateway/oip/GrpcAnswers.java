package io.clipper.gateway.oip;

import io.clipper.gateway.Caller;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

/** An answer over gRPC, or the status that the fault has; nothing to a client that has left. */
final class GrpcAnswers {
  private GrpcAnswers() {}

  static <T> void one(String call, StreamObserver<T> observer, Supplier<CompletionStage<T>> answer) {
    one(call, observer, new Caller(), answer);
  }

  /** @param caller told when the call is cancelled or its deadline has passed */
  static <T> void one(String call, StreamObserver<T> observer, Caller caller, Supplier<CompletionStage<T>> answer) {
    ServerCallStreamObserver<T> open = (ServerCallStreamObserver<T>) observer;
    // Set before anything is asked: without it a cancelled call would throw at whoever answers it.
    open.setOnCancelHandler(caller::left);
    attempt(answer)
        .whenComplete(
            (message, failure) -> {
              if (open.isCancelled()) {
                return;
              }
              if (failure != null) {
                open.onError(Fault.of(failure, call).grpc().asRuntimeException());
              } else {
                open.onNext(message);
                open.onCompleted();
              }
            });
  }

  static <T> CompletionStage<T> attempt(Supplier<CompletionStage<T>> answer) {
    try {
      return answer.get();
    } catch (RuntimeException failed) {
      return CompletableFuture.failedStage(failed);
    }
  }
}
