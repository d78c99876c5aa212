package io.clipper.model.runtime.oip;

import io.clipper.model.runtime.oip.protocol.GRPCInferenceServiceGrpc.GRPCInferenceServiceStub;
import io.clipper.model.runtime.oip.protocol.InferParameter;
import io.clipper.model.runtime.oip.protocol.ModelInferRequest;
import io.clipper.model.runtime.oip.protocol.ModelInferResponse;
import io.clipper.model.runtime.oip.protocol.ModelStreamInferResponse;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Calls of a worker that stay open, each with one batch at a time: what a call costs is paid once for many batches. A batch that is refused
 * ends its stream with the status that a call of its own would have, and the next opens another.
 */
final class InferStreams {
  /** The extension by which a server says that it serves {@code ModelStreamInfer} so. */
  static final String EXTENSION = "clipper_streams";

  /** The parameter of a request that says in how many microseconds nobody wants its answer any more. */
  static final String TIMEOUT = "timeout";

  /** More than batches are under way at one copy, but for one that is parted. */
  private static final int MOST = 8;

  private final GRPCInferenceServiceStub server;
  private final AtomicInteger open = new AtomicInteger();
  /** The one that was used last comes first. */
  private final Deque<Stream> idle = new ConcurrentLinkedDeque<>();

  InferStreams(GRPCInferenceServiceStub server) {
    this.server = server;
  }

  /**
   * The answer, or the {@link io.grpc.StatusRuntimeException} that there is instead: {@code CANCELLED} where the server has ended the stream,
   * as it does when it stops. Empty where all are taken, or where there is no time left.
   */
  Optional<CompletableFuture<ModelInferResponse>> infer(ModelInferRequest request, Duration budget) {
    if (!budget.isPositive()) {
      return Optional.empty();
    }
    Stream stream = idle.poll();
    if (stream == null) {
      if (open.incrementAndGet() > MOST) {
        open.decrementAndGet();
        return Optional.empty();
      }
      stream = new Stream();
    }
    return Optional.of(stream.ask(request, budget));
  }

  /** How long whoever sent it waits for the answer, where it says so. */
  static Optional<Duration> budget(ModelInferRequest request) {
    long micros = request.getParametersOrDefault(TIMEOUT, InferParameter.getDefaultInstance()).getInt64Param();
    return micros > 0 ? Optional.of(Duration.of(micros, ChronoUnit.MICROS)) : Optional.empty();
  }

  private static ModelInferRequest within(Duration budget, ModelInferRequest request) {
    long micros = Math.max(1, TimeUnit.NANOSECONDS.toMicros(budget.toNanos()));
    return request.toBuilder().putParameters(TIMEOUT, InferParameter.newBuilder().setInt64Param(micros).build()).build();
  }

  private final class Stream implements StreamObserver<ModelStreamInferResponse> {
    private final AtomicReference<@Nullable CompletableFuture<ModelInferResponse>> awaited = new AtomicReference<>();
    private final StreamObserver<ModelInferRequest> requests = server.modelStreamInfer(this);
    private volatile @Nullable Status end;

    CompletableFuture<ModelInferResponse> ask(ModelInferRequest request, Duration budget) {
      CompletableFuture<ModelInferResponse> answer = new CompletableFuture<>();
      awaited.set(answer);
      Status over = end;
      if (over == null) {
        requests.onNext(within(budget, request));
      } else {
        fail(over); // it ended while nobody had it
      }
      return answer
          .orTimeout(budget.toNanos(), TimeUnit.NANOSECONDS)
          .exceptionallyCompose(failure -> failure instanceof TimeoutException ? late(answer, budget) : CompletableFuture.failedFuture(failure));
    }

    @Override
    public void onNext(ModelStreamInferResponse response) {
      CompletableFuture<ModelInferResponse> answer = awaited.getAndSet(null);
      if (answer != null) {
        idle.push(this);
        answer.complete(response.getInferResponse());
      }
    }

    @Override
    public void onError(Throwable failure) {
      over(Status.fromThrowable(failure));
    }

    @Override
    public void onCompleted() {
      over(Status.CANCELLED.withDescription("the server has ended the stream"));
    }

    private void over(Status status) {
      end = status;
      open.decrementAndGet();
      idle.remove(this);
      fail(status);
    }

    private void fail(Status status) {
      CompletableFuture<ModelInferResponse> answer = awaited.getAndSet(null);
      if (answer != null) {
        answer.completeExceptionally(status.asRuntimeException());
      }
    }

    /** Whoever runs the model learns by the stream's end that nobody waits any more. */
    private CompletableFuture<ModelInferResponse> late(CompletableFuture<ModelInferResponse> answer, Duration budget) {
      if (awaited.compareAndSet(answer, null)) {
        requests.onError(Status.CANCELLED.withDescription("the deadline passed").asException());
      }
      String words = "deadline exceeded: no answer within %d ms".formatted(budget.toMillis());
      return CompletableFuture.failedFuture(Status.DEADLINE_EXCEEDED.withDescription(words).asRuntimeException());
    }
  }
}
