package io.clipper.simulation;

import io.clipper.batch.BatchController;
import io.clipper.batch.Batcher;
import io.clipper.batch.DeadlineQueue.Entry;
import java.util.List;

/** One replica under load: queries with one objective, a queue, a controller, a model. Whoever is dropped or late is violated. */
final class OneReplica implements SimulatedReplica.Owner<Long, Long> {
  /**
   * @param warmUp so many of the queries, the first ones, are not counted
   * @param sloNanos what a query may take
   * @param deadlines whether the queue knows; one that does not serves everybody in the order of arrival, however late
   * @param admission whether a query that could not be met is refused when it comes
   * @param depth batches under way at once
   * @param wireNanos one way, between the queue and the model
   */
  record Setting(long queries, long warmUp, long sloNanos, boolean deadlines, boolean admission, int depth, long wireNanos) {
    static Setting of(long queries, double sloMillis) {
      return new Setting(queries, 0, (long) (sloMillis * 1e6), true, true, 1, 0);
    }

    /** As Clipper's paper has it: nobody is dropped. */
    Setting withoutDeadlines() {
      return new Setting(queries, warmUp, sloNanos, false, false, depth, wireNanos);
    }

    Setting withoutAdmission() {
      return new Setting(queries, warmUp, sloNanos, deadlines, false, depth, wireNanos);
    }

    Setting countedAfter(long first) {
      return new Setting(queries, first, sloNanos, deadlines, admission, depth, wireNanos);
    }

    Setting remote(int batchesUnderWay, double wireMillis) {
      return new Setting(queries, warmUp, sloNanos, deadlines, admission, batchesUnderWay, (long) (wireMillis * 1e6));
    }
  }

  /**
   * @param queries those that are counted, as are those on time, late, dropped and refused
   * @param seconds until the last query came
   * @param endSeconds until the last was answered
   * @param limit the largest batch at the end
   * @param trace a digest of all that happened and when
   */
  record Outcome(
      long queries,
      long onTime,
      long late,
      long dropped,
      long refused,
      double seconds,
      double endSeconds,
      double busySeconds,
      long batches,
      long rows,
      int limit,
      long trace) {
    double violations() {
      return 1 - (double) onTime / queries;
    }

    /** Never above 1. */
    double busy() {
      return busySeconds / endSeconds;
    }

    double goodputPerSecond() {
      return onTime / seconds;
    }

    double meanRows() {
      return (double) rows / batches;
    }
  }

  private static final long NEVER = Long.MAX_VALUE / 4;
  private static final int QUEUE_LIMIT = 10_000_000;
  private static final int SENT = -3;
  private static final int REFUSED = -2;
  private static final int DROPPED = -1;

  private final Simulation simulation = new Simulation();
  private final Trace trace = new Trace();
  private final Setting setting;
  private final Arrivals arrivals;
  private final SimulatedReplica<Long, Long> replica;
  private double nextArrival;
  private long asked;
  private long onTime;
  private long late;
  private long dropped;
  private long refused;

  private OneReplica(Setting setting, Arrivals arrivals, SimulatedModel model, BatchController controller) {
    this.setting = setting;
    this.arrivals = arrivals;
    this.replica = new SimulatedReplica<>(simulation, model, setting.wireNanos(), new Batcher<>(controller, QUEUE_LIMIT, setting.depth(), 0), this);
  }

  static Outcome run(Setting setting, Arrivals arrivals, SimulatedModel model, BatchController controller) {
    return new OneReplica(setting, arrivals, model, controller).run();
  }

  private Outcome run() {
    planArrival();
    simulation.run();
    return new Outcome(
        asked - setting.warmUp(),
        onTime,
        late,
        dropped,
        refused,
        nextArrival / 1e9,
        Math.max((long) nextArrival, replica.freeAtNanos()) / 1e9,
        replica.busyNanos() / 1e9,
        replica.batches(),
        replica.rows(),
        replica.limit(),
        trace.digest());
  }

  private void planArrival() {
    if (asked < setting.queries()) {
      nextArrival += arrivals.nextGapNanos();
      simulation.at((long) nextArrival, this::arrive);
    }
  }

  private void arrive() {
    long now = simulation.nowNanos();
    long deadline = now + (setting.deadlines() ? setting.sloNanos() : NEVER);
    long number = asked++;
    if (setting.admission() && replica.refuses(deadline)) {
      refused += counted(number);
      trace.note(REFUSED, number, now);
    } else {
      replica.take(number, now, deadline);
    }
    planArrival();
    replica.steps();
  }

  @Override
  public void sent(List<Entry<Long, Long>> batch) {
    trace.note(SENT, batch.size(), simulation.nowNanos());
    batch.forEach(row -> trace.note(row.key()));
  }

  @Override
  public void answered(List<Entry<Long, Long>> batch) {
    long now = simulation.nowNanos();
    for (Entry<Long, Long> row : batch) {
      if (now - row.value() <= setting.sloNanos()) {
        onTime += counted(row.key());
      } else {
        late += counted(row.key());
      }
      trace.note(row.key(), now);
    }
  }

  @Override
  public void dropped(Entry<Long, Long> row, boolean tooMany) {
    dropped += counted(row.key());
    trace.note(DROPPED, row.key(), simulation.nowNanos());
  }

  private int counted(long number) {
    return number < setting.warmUp() ? 0 : 1;
  }
}
