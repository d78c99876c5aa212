package io.clipper.model.runtime.oip;

import io.clipper.model.runtime.oip.protocol.ModelInferRequest;
import io.clipper.model.runtime.oip.protocol.ModelInferResponse;
import io.grpc.Status;
import java.time.Duration;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** What stays open to a worker: as many lanes as batches are under way, each with one batch at a time. */
abstract class Lanes implements AutoCloseable {
  /** More than batches are under way at one copy, but for one that is parted. */
  private static final int MOST = 8;

  private final AtomicInteger open = new AtomicInteger();
  /** The one that was used last comes first. */
  private final Deque<Lane> idle = new ConcurrentLinkedDeque<>();

  /**
   * The answer, or the {@link io.grpc.StatusRuntimeException} that there is instead: {@code CANCELLED} where the server has ended the lane, as
   * it does when it stops. Empty where all are taken, where none can be opened, or where there is no time left.
   */
  final Optional<CompletableFuture<ModelInferResponse>> infer(ModelInferRequest request, Duration budget) {
    if (!budget.isPositive()) {
      return Optional.empty();
    }
    Lane lane = idle.poll();
    return (lane == null ? another() : Optional.of(lane)).map(free -> free.ask(request, budget));
  }

  private Optional<Lane> another() {
    Optional<Lane> another = Optional.empty();
    try {
      another = open.incrementAndGet() > MOST ? another : open();
    } finally {
      if (another.isEmpty()) {
        open.decrementAndGet();
      }
    }
    return another;
  }

  /** Empty where the server has none. */
  abstract Optional<Lane> open();

  /** Whatever is under way is not answered. */
  @Override
  public abstract void close();

  abstract class Lane {
    private final AtomicReference<@Nullable CompletableFuture<ModelInferResponse>> awaited = new AtomicReference<>();
    private volatile @Nullable Status end;

    /** Its answer is told to this. */
    abstract void send(ModelInferRequest request, Duration budget);

    /** Whoever runs the model learns by this that nobody waits any more. */
    abstract void hangUp();

    private CompletableFuture<ModelInferResponse> ask(ModelInferRequest request, Duration budget) {
      CompletableFuture<ModelInferResponse> answer = new CompletableFuture<>();
      awaited.set(answer);
      Status over = end;
      if (over == null) {
        send(request, budget);
      } else {
        fail(over); // it ended while nobody had it
      }
      return answer
          .orTimeout(budget.toNanos(), TimeUnit.NANOSECONDS)
          .exceptionallyCompose(failure -> failure instanceof TimeoutException ? late(answer, budget) : CompletableFuture.failedFuture(failure));
    }

    final void answered(ModelInferResponse response) {
      CompletableFuture<ModelInferResponse> answer = awaited.getAndSet(null);
      if (answer != null) {
        idle.push(this);
        answer.complete(response);
      }
    }

    /** The next batch may be another's. */
    final void refused(Status status) {
      CompletableFuture<ModelInferResponse> answer = awaited.getAndSet(null);
      if (answer != null) {
        idle.push(this);
        answer.completeExceptionally(status.asRuntimeException());
      }
    }

    final void over(Status status) {
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

    private CompletableFuture<ModelInferResponse> late(CompletableFuture<ModelInferResponse> answer, Duration budget) {
      if (awaited.compareAndSet(answer, null)) {
        hangUp();
      }
      String words = "deadline exceeded: no answer within %d ms".formatted(budget.toMillis());
      return CompletableFuture.failedFuture(Status.DEADLINE_EXCEEDED.withDescription(words).asRuntimeException());
    }
  }
}
