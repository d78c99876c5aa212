package io.clipper.load;

import io.clipper.application.Applications;
import io.clipper.application.Prediction;
import io.clipper.application.Query;
import io.clipper.model.Input;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/** Load through the embedding API, from the node's own JVM. No two inputs are alike. */
final class EmbeddedLoad {
  /**
   * @param right answers that were no default
   * @param rightLatencies of those, in µs
   * @param defaultLatencies of the others, in µs
   */
  record Result(long right, long defaults, Duration time, Histogram rightLatencies, Histogram defaultLatencies) {
    double perSecond() {
      return right * 1e9 / time.toNanos();
    }

    double millis(double percentile) {
      return rightLatencies.getValueAtPercentile(percentile) / 1000.0;
    }

    double defaultMillis(double percentile) {
      return defaultLatencies.getValueAtPercentile(percentile) / 1000.0;
    }
  }

  /** What is counted while it is the present one. */
  private static final class Window {
    private final Histogram right = new ConcurrentHistogram(3);
    private final Histogram defaults = new ConcurrentHistogram(3);
  }

  private static final AtomicLong INPUTS = new AtomicLong();

  private final Applications applications;
  private final String application;
  private volatile @Nullable Window window;
  private volatile boolean stopped;

  EmbeddedLoad(Applications applications, String application) {
    this.applications = applications;
    this.application = application;
  }

  /** So many askers, each of which asks again as soon as it is answered. */
  Result closed(int askers, Duration warmUp, Duration measured) {
    for (int i = 0; i < askers; i++) {
      askAgainAndAgain();
    }
    LockSupport.parkNanos(warmUp.toNanos());
    Result result = measure(measured);
    stopped = true;
    return result;
  }

  private Result measure(Duration measured) {
    Window counted = new Window();
    window = counted;
    long end = System.nanoTime() + measured.toNanos();
    while (System.nanoTime() < end) {
      LockSupport.parkNanos(end - System.nanoTime());
    }
    window = null;
    return result(counted, measured);
  }

  /** So many queries a second, evenly, whatever becomes of those before. */
  Result open(double perSecond, Duration measured) {
    Window counted = new Window();
    window = counted;
    long start = System.nanoTime();
    long queries = (long) (perSecond * measured.toNanos() / 1e9);
    CompletionStage<?> last = CompletableFuture.completedStage(null);
    for (long i = 0; i < queries; i++) {
      long due = start + (long) (i * 1e9 / perSecond);
      while (System.nanoTime() < due) {
        LockSupport.parkNanos(due - System.nanoTime());
      }
      last = ask(due);
    }
    last.toCompletableFuture().join();
    window = null;
    return result(counted, measured);
  }

  private static Result result(Window counted, Duration time) {
    return new Result(counted.right.getTotalCount(), counted.defaults.getTotalCount(), time, counted.right, counted.defaults);
  }

  private void askAgainAndAgain() {
    if (!stopped) {
      // A thread of its own for the next: an answer that is there at once would otherwise make the stack grow.
      ask(System.nanoTime()).whenCompleteAsync((answer, failure) -> askAgainAndAgain());
    }
  }

  private CompletionStage<Prediction> ask(long askedAt) {
    Input input = Input.doubles((double) INPUTS.incrementAndGet(), 1, 2, 3, 4, 5, 6, 7, 8, 9);
    return applications.predict(Query.of(application, input)).whenComplete((answer, failure) -> count(answer, askedAt));
  }

  private void count(@Nullable Prediction answer, long askedAt) {
    Window counted = window;
    if (counted != null && answer != null) {
      (answer.isDefault() ? counted.defaults : counted.right).recordValue((System.nanoTime() - askedAt) / 1000);
    }
  }
}
