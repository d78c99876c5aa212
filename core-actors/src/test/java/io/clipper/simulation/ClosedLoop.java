package io.clipper.simulation;

import io.clipper.batch.BatchController;
import io.clipper.batch.Batcher;
import io.clipper.batch.DeadlineQueue.Entry;
import io.clipper.batch.Step;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;

/** One replica and so many askers, each of whom asks again a little after it was answered or dropped. */
final class ClosedLoop {
  private static final long SLO_NANOS = 20_000_000;
  private static final double THINKING_NANOS = 100_000;

  private final Simulation simulation = new Simulation();
  private final Random random;
  private final SimulatedModel model;
  private final Batcher<Integer, Long> batcher;
  private long onTime;
  private OptionalLong wakeAt = OptionalLong.empty();
  private final long end;

  private ClosedLoop(SimulatedModel model, BatchController controller, long seconds, long seed) {
    this.model = model;
    this.batcher = new Batcher<>(controller, Integer.MAX_VALUE, 1, 0);
    this.end = seconds * 1_000_000_000;
    this.random = new Random(seed);
  }

  /** Answers in time, a second. */
  static double goodputPerSecond(int askers, SimulatedModel model, BatchController controller, long seconds, long seed) {
    ClosedLoop loop = new ClosedLoop(model, controller, seconds, seed);
    for (int asker = 0; asker < askers; asker++) {
      loop.askSoon(asker);
    }
    loop.simulation.run();
    return (double) loop.onTime / seconds;
  }

  private void askSoon(int asker) {
    long at = simulation.nowNanos() + (long) (-Math.log1p(-random.nextDouble()) * THINKING_NANOS);
    if (at < end) {
      simulation.at(at, () -> ask(asker));
    }
  }

  private void ask(int asker) {
    long now = simulation.nowNanos();
    if (batcher.refuses(now + SLO_NANOS, now)) {
      askSoon(asker);
    } else {
      batcher.offer(asker, now, now + SLO_NANOS, now);
    }
    steps();
  }

  private void steps() {
    while (true) {
      switch (batcher.next(simulation.nowNanos())) {
        case Step.Send<Integer, Long>(var batch) -> send(batch, batcher.lastSent());
        case Step.Drop<Integer, Long>(var row, var tooMany) -> askSoon(row.key());
        case Step.Rest<Integer, Long>(var until) -> {
          until.ifPresent(this::wake);
          return;
        }
      }
    }
  }

  private void wake(long nanos) {
    if (wakeAt.isEmpty() || nanos < wakeAt.getAsLong() || wakeAt.getAsLong() <= simulation.nowNanos()) {
      wakeAt = OptionalLong.of(nanos);
      simulation.at(nanos, this::steps);
    }
  }

  private void send(List<Entry<Integer, Long>> batch, long number) {
    long back = simulation.nowNanos() + (long) model.latencyNanos(batch.size(), simulation.nowNanos());
    simulation.at(back, () -> returned(batch, number));
  }

  private void returned(List<Entry<Integer, Long>> batch, long number) {
    long now = simulation.nowNanos();
    batcher.returned(number, now);
    for (Entry<Integer, Long> row : batch) {
      onTime += now - row.value() <= SLO_NANOS ? 1 : 0;
      askSoon(row.key());
    }
    steps();
  }
}
