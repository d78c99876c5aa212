package io.clipper.simulation;

import io.clipper.batch.BatchController;
import io.clipper.batch.BatchLimit;
import io.clipper.batch.Decision;
import io.clipper.batch.LatencyModel;
import io.clipper.batch.RateMatched;
import io.clipper.batch.Waiting;
import java.time.Duration;

/** Others' rules over the same queue and the same latency model, to be compared with. */
final class Published {
  private interface Rule {
    Decision decide(long nowNanos, Waiting waiting, int limit);
  }

  private record Controller(RateMatched sizing, Rule rule) implements BatchController {
    @Override
    public Decision decide(long nowNanos, Waiting waiting) {
      return rule.decide(nowNanos, waiting, limit(waiting.latency()).rows());
    }

    @Override
    public BatchController after(int rows, Duration latency) {
      return this;
    }

    @Override
    public BatchController aimingAt(Duration objective) {
      return new Controller(sizing.aimingAt(objective), rule);
    }

    @Override
    public BatchLimit limit(LatencyModel latency) {
      return sizing.limit(latency);
    }
  }

  private static final int MAX = 1024;

  private Published() {}

  /** Batches are as large as the first deadline allows, and shrink until it is met; nothing is dropped. */
  static BatchController shrinking(Duration objective) {
    return of(objective, (now, waiting, limit) -> new Decision.Go(meeting(now, waiting, waiting.latency().isKnown() ? MAX : 1)));
  }

  /** Nexus: rows that cannot afford a full batch are dropped; nothing waits. */
  static BatchController earlyDrop(Duration objective) {
    return of(
        objective,
        (now, waiting, limit) -> {
          int rows = Math.min(waiting.rows(), limit);
          return waiting.rows() > 1 && now + waiting.latency().expectedNanos(rows) > waiting.firstDeadlineNanos()
              ? new Decision.DropFirst()
              : new Decision.Go(rows);
        });
  }

  /** Proteus: a batch waits until one row more would miss the first deadline. */
  static BatchController lastMoment(Duration objective) {
    return of(
        objective,
        (now, waiting, limit) -> {
          int rows = Math.min(waiting.rows(), limit);
          long until = waiting.firstDeadlineNanos() - (long) (1.03 * waiting.latency().expectedNanos(rows + 1));
          return waiting.rows() < limit && until > now ? new Decision.WaitUntil(until) : new Decision.Go(meeting(now, waiting, limit));
        });
  }

  private static int meeting(long now, Waiting waiting, int limit) {
    int meets = waiting.latency().rowsWithin((long) ((waiting.firstDeadlineNanos() - now) / 1.03));
    return Math.min(Math.min(waiting.rows(), limit), meets);
  }

  private static BatchController of(Duration objective, Rule rule) {
    return new Controller(new RateMatched(MAX, objective), rule);
  }
}
