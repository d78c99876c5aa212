package io.clipper.simulation;

import io.clipper.batch.BatchController;
import io.clipper.batch.Batcher;
import io.clipper.batch.DeadlineQueue.Entry;
import io.clipper.batch.Step;
import java.util.List;
import java.util.OptionalLong;

/** One replica under load: queries with one objective, a queue, a controller, a model. Whoever is dropped or late is violated. */
final class OneReplica {
  /**
   * @param sloNanos what a query may take
   * @param deadlines whether the queue knows; one that does not serves everybody in the order of arrival, however late
   * @param admission whether a query that could not be met is refused when it comes
   * @param depth batches under way at once
   */
  record Setting(long queries, long sloNanos, boolean deadlines, boolean admission, int depth) {
    static Setting of(long queries, double sloMillis) {
      return new Setting(queries, (long) (sloMillis * 1e6), true, true, 1);
    }

    /** As Clipper's paper has it: nobody is dropped. */
    Setting withoutDeadlines() {
      return new Setting(queries, sloNanos, false, false, depth);
    }

    Setting withoutAdmission() {
      return new Setting(queries, sloNanos, deadlines, false, depth);
    }
  }

  /** @param trace a digest of all that happened and when */
  record Outcome(
      long queries, long onTime, long late, long dropped, long refused, double seconds, double busySeconds, long batches, long rows, long trace) {
    double violations() {
      return 1 - (double) onTime / queries;
    }

    double busy() {
      return busySeconds / seconds;
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

  private final Simulation simulation = new Simulation();
  private final Setting setting;
  private final Arrivals arrivals;
  private final SimulatedModel model;
  private final Batcher<Long, Long> batcher;
  private double nextArrival;
  private long asked;
  private long onTime;
  private long late;
  private long dropped;
  private long refused;
  private long batches;
  private long rows;
  private double busyNanos;
  private long deviceFreeAt;
  private OptionalLong wakeAt = OptionalLong.empty();
  private long trace;

  private OneReplica(Setting setting, Arrivals arrivals, SimulatedModel model, BatchController controller) {
    this.setting = setting;
    this.arrivals = arrivals;
    this.model = model;
    this.batcher = new Batcher<>(controller, QUEUE_LIMIT, setting.depth(), 0);
  }

  static Outcome run(Setting setting, Arrivals arrivals, SimulatedModel model, BatchController controller) {
    return new OneReplica(setting, arrivals, model, controller).run();
  }

  private Outcome run() {
    planArrival();
    simulation.run();
    return new Outcome(asked, onTime, late, dropped, refused, nextArrival / 1e9, busyNanos / 1e9, batches, rows, trace);
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
    if (setting.admission() && batcher.refuses(deadline, now)) {
      refused++;
      note(number, -2);
    } else if (!batcher.offer(number, now, deadline, now)) {
      throw new IllegalStateException("the simulated queue is full");
    }
    planArrival();
    steps();
  }

  private void steps() {
    while (true) {
      switch (batcher.next(simulation.nowNanos())) {
        case Step.Send<Long, Long>(var batch) -> send(batch, batcher.lastSent());
        case Step.Drop<Long, Long>(var row, var tooMany) -> {
          dropped++;
          note(row.key(), -1);
        }
        case Step.Rest<Long, Long>(var until) -> {
          until.ifPresent(this::wake);
          return;
        }
      }
    }
  }

  private void wake(long nanos) {
    if (nanos < NEVER / 2 && (wakeAt.isEmpty() || nanos < wakeAt.getAsLong() || wakeAt.getAsLong() <= simulation.nowNanos())) {
      wakeAt = OptionalLong.of(nanos);
      simulation.at(nanos, this::steps);
    }
  }

  private void send(List<Entry<Long, Long>> batch, long number) {
    long start = Math.max(simulation.nowNanos(), deviceFreeAt);
    double took = model.latencyNanos(batch.size(), start);
    deviceFreeAt = start + (long) took;
    busyNanos += took;
    batches++;
    rows += batch.size();
    simulation.at(deviceFreeAt, () -> returned(batch, number));
  }

  private void returned(List<Entry<Long, Long>> batch, long number) {
    long now = simulation.nowNanos();
    for (Entry<Long, Long> row : batch) {
      if (now - row.value() <= setting.sloNanos()) {
        onTime++;
      } else {
        late++;
      }
      note(row.key(), now);
    }
    batcher.returned(number, now);
    steps();
  }

  private void note(long query, long what) {
    trace = (trace ^ (query * 0x9E3779B97F4A7C15L + what)) * 0xBF58476D1CE4E5B9L;
    trace ^= trace >>> 29;
  }
}
