package io.clipper.gateway.oip;

import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

/** An answer over gRPC, or the status that the fault has; nothing to a client that has left. */
final class GrpcAnswers {
  private GrpcAnswers() {}

  static <T> void one(String call, StreamObserver<T> observer, Supplier<CompletionStage<T>> answer) {
    ServerCallStreamObserver<T> caller = (ServerCallStreamObserver<T>) observer;
    // Set before anything is asked: without it a cancelled call would throw at whoever answers it.
    caller.setOnCancelHandler(() -> {});
    attempt(answer)
        .whenComplete(
            (message, failure) -> {
              if (caller.isCancelled()) {
                return;
              }
              if (failure != null) {
                caller.onError(Fault.of(failure, call).grpc().asRuntimeException());
              } else {
                caller.onNext(message);
                caller.onCompleted();
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
