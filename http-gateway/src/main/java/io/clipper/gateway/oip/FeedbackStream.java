package io.clipper.gateway.oip;

import io.clipper.application.Feedback;
import io.clipper.gateway.oip.protocol.FeedbackRequest;
import io.clipper.gateway.oip.protocol.FeedbackSummary;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

/** One client's stream of feedback: observed as it comes, as much at a time as the window has room for, and summed up at its end. */
final class FeedbackStream implements StreamObserver<FeedbackRequest> {
  /** Enough for the ledger to write in groups. */
  private static final int WINDOW = 256;
  /** Refusals that are told one by one; the rest are counted. */
  private static final int MOST_REFUSALS = 100;

  private final ServerCallStreamObserver<FeedbackSummary> caller;
  private final Function<FeedbackRequest, CompletionStage<Feedback.Receipt>> observe;
  private CompletableFuture<FeedbackSummary.Builder> summary = CompletableFuture.completedFuture(FeedbackSummary.newBuilder());

  FeedbackStream(ServerCallStreamObserver<FeedbackSummary> caller, Function<FeedbackRequest, CompletionStage<Feedback.Receipt>> observe) {
    this.caller = caller;
    this.observe = observe;
    caller.setOnCancelHandler(() -> {});
    caller.disableAutoRequest();
    caller.request(WINDOW);
  }

  @Override
  public void onNext(FeedbackRequest request) {
    CompletableFuture<Function<FeedbackSummary.Builder, FeedbackSummary.Builder>> counted =
        observe.apply(request).handle(FeedbackStream::counted).toCompletableFuture();
    summary =
        summary.thenCombine(
            counted,
            (sum, count) -> {
              if (!caller.isCancelled()) {
                caller.request(1);
              }
              return count.apply(sum);
            });
  }

  @Override
  public void onError(Throwable failure) {
    // The client has left: what it sent is learned, and nobody is told.
  }

  @Override
  public void onCompleted() {
    summary =
        summary.thenApply(
            sum -> {
              if (!caller.isCancelled()) {
                caller.onNext(sum.build());
                caller.onCompleted();
              }
              return sum;
            });
  }

  private static Function<FeedbackSummary.Builder, FeedbackSummary.Builder> counted(Feedback.Receipt receipt, Throwable failure) {
    if (failure == null) {
      return sum ->
          sum.setReceived(sum.getReceived() + 1)
              .setObserved(sum.getObserved() + (receipt.observed() ? 1 : 0))
              .setModels(sum.getModels() + receipt.models());
    }
    String message = String.valueOf(Fault.of(failure, "UpdateAll").getMessage());
    return sum -> {
      if (sum.getRefusedCount() < MOST_REFUSALS) {
        sum.addRefused(FeedbackSummary.Refusal.newBuilder().setIndex(sum.getReceived()).setMessage(message));
      }
      return sum.setReceived(sum.getReceived() + 1).setRefusals(sum.getRefusals() + 1);
    };
  }
}
