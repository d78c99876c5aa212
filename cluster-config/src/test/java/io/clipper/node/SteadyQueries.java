package io.clipper.node;

import static java.util.concurrent.TimeUnit.NANOSECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.clipper.application.Prediction;
import io.clipper.application.Query;
import io.clipper.model.Input;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongFunction;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/** Queries to one application that go on, several under way where answers take long, whatever is done to its models meanwhile. */
final class SteadyQueries implements AutoCloseable {
  /** What a user waits for an answer, unless a test says otherwise. */
  static final Duration OBJECTIVE = Duration.ofMillis(1500);

  private static final Duration PACE = Duration.ofMillis(20);
  /** Behind the objective, for a machine that has a process to start as well: what has no answer then, hangs. */
  private static final Duration GRACE = Duration.ofSeconds(5);

  /** How the queries were answered; those that were not, by what happened instead. */
  record Tally(long byModel, long byDefault, List<String> lost) {}

  private final ClipperNode node;
  private final String application;
  private final Duration objective;
  private final LongFunction<Input> inputs;
  private final AtomicLong asked = new AtomicLong();
  private final AtomicLong byModel = new AtomicLong();
  private final AtomicLong byDefault = new AtomicLong();
  private final Queue<String> lost = new ConcurrentLinkedQueue<>();
  private final Queue<CompletableFuture<Void>> counted = new ConcurrentLinkedQueue<>();
  /** When the latest of those that the model has answered was asked. */
  private final AtomicLong answeredAskedAt = new AtomicLong(Long.MIN_VALUE);
  private final ScheduledExecutorService clock =
      Executors.newSingleThreadScheduledExecutor(Thread.ofPlatform().daemon().name("steady-queries").factory());

  private Future<?> asking = CompletableFuture.completedFuture(null);

  private SteadyQueries(ClipperNode node, String application, Duration objective, LongFunction<Input> inputs) {
    this.node = node;
    this.application = application;
    this.objective = objective;
    this.inputs = inputs;
  }

  /** @param inputs the n-th; no two alike, or the cache would know the answer */
  static SteadyQueries ask(ClipperNode node, String application, LongFunction<Input> inputs) {
    return ask(node, application, OBJECTIVE, inputs);
  }

  /** @param objective longer than a machine may pause, where no answer's lateness is a fault */
  static SteadyQueries ask(ClipperNode node, String application, Duration objective, LongFunction<Input> inputs) {
    SteadyQueries queries = new SteadyQueries(node, application, objective, inputs);
    queries.asking = queries.clock.scheduleWithFixedDelay(queries::askNext, 0, PACE.toNanos(), NANOSECONDS);
    return queries;
  }

  /** Waits until the model answers what is asked from now on; fails where that is later than so long after the fault. */
  void awaitAnswersWithin(Duration bound, long faultAtNanos) {
    long from = System.nanoTime();
    Duration left = bound.minusNanos(from - faultAtNanos);
    assertThat(left).isPositive();
    Awaitility.await().pollInterval(PACE).atMost(left).until(() -> answeredAskedAt.get() > from);
  }

  /** Asks no more; what is under way is waited for. */
  Tally end() throws Exception {
    clock.shutdown();
    assertThat(clock.awaitTermination(GRACE.toNanos(), NANOSECONDS)).isTrue();
    CompletableFuture.allOf(counted.toArray(CompletableFuture<?>[]::new)).get(objective.plus(GRACE).multipliedBy(2).toNanos(), NANOSECONDS);
    assertThat(byModel.get() + byDefault.get() + lost.size()).isEqualTo(asked.get());
    return new Tally(byModel.get(), byDefault.get(), List.copyOf(lost));
  }

  @Override
  public void close() {
    asking.cancel(false);
    clock.shutdownNow();
  }

  private void askNext() {
    long askedAt = System.nanoTime();
    Query query =
        new Query(application, inputs.apply(asked.getAndIncrement()), Optional.empty(), Optional.of(objective), Optional.empty());
    counted.add(
        predict(query)
            .orTimeout(objective.plus(GRACE).toNanos(), NANOSECONDS)
            .handle(
                (prediction, failure) -> {
                  count(askedAt, prediction, failure);
                  return null;
                }));
  }

  /** A node that throws has lost the query as well. */
  private CompletableFuture<Prediction> predict(Query query) {
    try {
      return node.serving().applications().predict(query).toCompletableFuture().copy();
    } catch (RuntimeException thrown) {
      return CompletableFuture.failedFuture(thrown);
    }
  }

  private void count(long askedAt, @Nullable Prediction prediction, @Nullable Throwable failure) {
    if (prediction == null) {
      lost.add(String.valueOf(failure));
    } else if (prediction.isDefault()) {
      byDefault.incrementAndGet();
    } else {
      byModel.incrementAndGet();
      answeredAskedAt.accumulateAndGet(askedAt, Math::max);
    }
  }
}
