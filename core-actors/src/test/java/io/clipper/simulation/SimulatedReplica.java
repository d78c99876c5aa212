package io.clipper.simulation;

import io.clipper.batch.Batcher;
import io.clipper.batch.DeadlineQueue.Entry;
import io.clipper.batch.Step;
import java.util.List;
import java.util.OptionalLong;

/** A batcher and the copy of a model that it feeds, at the other end of a wire where there is one. The copy computes batch after batch. */
final class SimulatedReplica<K, V> {
  /** What its owner hears. */
  interface Owner<K, V> {
    void sent(List<Entry<K, V>> batch);

    void answered(List<Entry<K, V>> batch);

    /** @param tooMany whether it gave way to others */
    void dropped(Entry<K, V> row, boolean tooMany);
  }

  private static final long NEVER = Long.MAX_VALUE / 8;

  private final Simulation simulation;
  private final SimulatedModel model;
  private final long wireNanos;
  private final Batcher<K, V> batcher;
  private final Owner<K, V> owner;
  private long freeAt;
  private double busyNanos;
  private long batches;
  private long rows;
  private OptionalLong wakeAt = OptionalLong.empty();

  /** @param wireNanos what a batch takes to get to the copy, and its answers to come back */
  SimulatedReplica(Simulation simulation, SimulatedModel model, long wireNanos, Batcher<K, V> batcher, Owner<K, V> owner) {
    this.simulation = simulation;
    this.model = model;
    this.wireNanos = wireNanos;
    this.batcher = batcher;
    this.owner = owner;
  }

  boolean refuses(long deadlineNanos) {
    return batcher.refuses(deadlineNanos, simulation.nowNanos());
  }

  void take(K key, V value, long deadlineNanos) {
    if (!batcher.offer(key, value, deadlineNanos, simulation.nowNanos())) {
      throw new IllegalStateException("the simulated queue is full");
    }
  }

  void cancel(K key) {
    batcher.cancel(key);
  }

  int limit() {
    return batcher.limit().rows();
  }

  long freeAtNanos() {
    return freeAt;
  }

  double busyNanos() {
    return busyNanos;
  }

  long batches() {
    return batches;
  }

  long rows() {
    return rows;
  }

  void steps() {
    while (true) {
      switch (batcher.next(simulation.nowNanos())) {
        case Step.Send<K, V>(var batch) -> send(batch, batcher.lastSent());
        case Step.Drop<K, V>(var row, var tooMany) -> owner.dropped(row, tooMany);
        case Step.Rest<K, V>(var until) -> {
          until.ifPresent(this::wake);
          return;
        }
      }
    }
  }

  private void wake(long nanos) {
    if (nanos < NEVER && (wakeAt.isEmpty() || nanos < wakeAt.getAsLong() || wakeAt.getAsLong() <= simulation.nowNanos())) {
      wakeAt = OptionalLong.of(nanos);
      simulation.at(nanos, this::steps);
    }
  }

  private void send(List<Entry<K, V>> batch, long number) {
    owner.sent(batch);
    long start = Math.max(simulation.nowNanos() + wireNanos, freeAt);
    double took = model.latencyNanos(batch.size(), start);
    freeAt = start + (long) took;
    busyNanos += took;
    batches++;
    rows += batch.size();
    simulation.at(freeAt + wireNanos, () -> returned(batch, number));
  }

  private void returned(List<Entry<K, V>> batch, long number) {
    batcher.returned(number, simulation.nowNanos());
    owner.answered(batch);
    steps();
  }
}
