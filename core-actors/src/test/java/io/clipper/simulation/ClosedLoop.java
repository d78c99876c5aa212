package io.clipper.simulation;

import io.clipper.batch.BatchController;
import io.clipper.batch.Batcher;
import io.clipper.batch.DeadlineQueue.Entry;
import java.util.List;
import java.util.Random;

/**
 * One replica and so many askers, each of whom asks again a little after it was answered or dropped: all at once, or one after the other
 * where one thread serves them all.
 */
final class ClosedLoop implements SimulatedReplica.Owner<Integer, Long> {
  private static final long SLO_NANOS = 20_000_000;
  private static final double THINKING_NANOS = 100_000;

  private final Simulation simulation = new Simulation();
  private final Random random;
  private final SimulatedReplica<Integer, Long> replica;
  private final long end;
  private final long nanosEach;
  private long threadIsFree;
  private long onTime;

  private ClosedLoop(SimulatedModel model, BatchController controller, long nanosEach, long seconds, long seed) {
    this.replica = new SimulatedReplica<>(simulation, model, 0, new Batcher<>(controller, Integer.MAX_VALUE, 1, 0), this);
    this.end = seconds * 1_000_000_000;
    this.nanosEach = nanosEach;
    this.random = new Random(seed);
  }

  /**
   * Answers in time, a second.
   *
   * @param nanosEach what the askers' one thread needs for an answer and the next question; 0 where each has its own
   */
  static double goodputPerSecond(int askers, SimulatedModel model, BatchController controller, long nanosEach, long seconds, long seed) {
    ClosedLoop loop = new ClosedLoop(model, controller, nanosEach, seconds, seed);
    for (int asker = 0; asker < askers; asker++) {
      loop.askSoon(asker);
    }
    loop.simulation.run();
    return (double) loop.onTime / seconds;
  }

  private void askSoon(int asker) {
    long answered = simulation.nowNanos() + (long) (-StrictMath.log1p(-random.nextDouble()) * THINKING_NANOS);
    long at = Math.max(answered, threadIsFree) + nanosEach;
    threadIsFree = nanosEach == 0 ? threadIsFree : at;
    if (at < end) {
      simulation.at(at, () -> ask(asker));
    }
  }

  private void ask(int asker) {
    long deadline = simulation.nowNanos() + SLO_NANOS;
    if (replica.refuses(deadline)) {
      askSoon(asker);
    } else {
      replica.take(asker, simulation.nowNanos(), deadline);
    }
    replica.steps();
  }

  @Override
  public void sent(List<Entry<Integer, Long>> batch) {}

  @Override
  public void answered(List<Entry<Integer, Long>> batch) {
    long now = simulation.nowNanos();
    for (Entry<Integer, Long> row : batch) {
      onTime += now - row.value() <= SLO_NANOS ? 1 : 0;
      askSoon(row.key());
    }
  }

  @Override
  public void dropped(Entry<Integer, Long> row, boolean tooMany) {
    askSoon(row.key());
  }
}
