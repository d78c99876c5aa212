package io.clipper.load;

import io.clipper.application.Applications;
import io.clipper.application.Prediction;
import io.clipper.application.Query;
import io.clipper.model.Input;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/** Load through the embedding API, from the node's own JVM. No two inputs are alike. */
final class EmbeddedLoad {
  private static final AtomicLong INPUTS = new AtomicLong();

  private final Applications applications;
  private final String application;
  private volatile @Nullable Answered counted;
  private volatile boolean stopped;

  EmbeddedLoad(Applications applications, String application) {
    this.applications = applications;
    this.application = application;
  }

  /** So many askers, each of which asks again as soon as it is answered. */
  Answered closed(int askers, Duration warmUp, Duration measured) {
    for (int i = 0; i < askers; i++) {
      askAgainAndAgain();
    }
    LockSupport.parkNanos(warmUp.toNanos());
    Answered result = Answered.within(measured);
    counted = result;
    long end = System.nanoTime() + measured.toNanos();
    while (System.nanoTime() < end) {
      LockSupport.parkNanos(end - System.nanoTime());
    }
    counted = null;
    stopped = true;
    return result;
  }

  /** So many queries a second, evenly, whatever becomes of those before; each stretch by itself. */
  List<Answered> open(double perSecond, Duration stretch, int stretches) {
    List<Answered> results = Stream.generate(() -> Answered.within(stretch)).limit(stretches).toList();
    long start = System.nanoTime();
    long queries = (long) (perSecond * stretch.toNanos() / 1e9 * stretches);
    // Counted, not kept: what a node is asked for should not weigh on the collector of the JVM that they share.
    AtomicLong unanswered = new AtomicLong(1);
    CompletableFuture<Void> all = new CompletableFuture<>();
    for (long i = 0; i < queries; i++) {
      long due = start + (long) (i * 1e9 / perSecond);
      while (System.nanoTime() < due) {
        LockSupport.parkNanos(due - System.nanoTime());
      }
      Answered result = results.get((int) Math.min(stretches - 1, (due - start) / stretch.toNanos()));
      unanswered.incrementAndGet();
      ask().whenComplete((answer, failure) -> count(answer, due, result)).whenComplete((answer, failure) -> ended(unanswered, all));
    }
    ended(unanswered, all);
    all.join();
    return results;
  }

  private static void ended(AtomicLong unanswered, CompletableFuture<Void> all) {
    if (unanswered.decrementAndGet() == 0) {
      all.complete(null);
    }
  }

  private void askAgainAndAgain() {
    if (!stopped) {
      long askedAt = System.nanoTime();
      // A thread of its own for the next: an answer that is there at once would otherwise make the stack grow.
      ask().whenComplete((answer, failure) -> count(answer, askedAt, counted)).whenCompleteAsync((answer, failure) -> askAgainAndAgain());
    }
  }

  private CompletionStage<Prediction> ask() {
    Input input = Input.doubles((double) INPUTS.incrementAndGet(), 1, 2, 3, 4, 5, 6, 7, 8, 9);
    return applications.predict(Query.of(application, input));
  }

  private static void count(@Nullable Prediction answer, long askedAt, @Nullable Answered into) {
    if (into != null && answer != null) {
      boolean refused = answer.refused() && answer.defaultReason().filter(reason -> reason.contains(Answered.GAVE_WAY)).isEmpty();
      Histogram kind = !answer.isDefault() ? into.right() : refused ? into.refused() : into.late();
      kind.recordValue((System.nanoTime() - askedAt) / 1000);
    }
  }
}
