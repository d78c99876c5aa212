package io.clipper.batch;

/**
 * Whether rows come from a fixed number of askers, each of whom asks again after its answer: a closed loop in queueing's terms. Between two
 * batches as many rows come of those as were answered, however long it is; of an open loop as many come as the time brings. As batches take
 * uneven times it shows which of the two foretells better, where there are more than a few rows.
 *
 * <p>A batch that is held longer brings rows of an open loop that would come anyway, and of a closed loop keeps from asking those who wait in
 * it.
 */
final class Population {
  /** Each batch weighs so much of the one after it. */
  private static final double FORGETTING = 0.95;
  /** Poisson arrivals are foretold by what was answered 1.4 times worse than by time; those of a closed loop far better. */
  private static final double CLOSED = 0.5;
  /** When the way in which batches are cut changes, a closed loop is foretold badly for some of them. */
  private static final double CLOSED_STILL = 0.9;
  /** Of rows at even gaps time foretells all but whether one more comes. */
  private static final double ROUNDING = 1;
  private static final double FEWEST_BATCHES = 10;

  private double batches;
  private double rows;
  private double nanos;
  private double errorByAnswers;
  private double errorByTime;
  private int answered;
  private int arrived;
  private long answeredNanos;
  private boolean closed;

  void arrived() {
    arrived++;
  }

  /** A batch is back; all that it had are answered. */
  void returned(int batchRows, long nowNanos) {
    double time = Math.max(1, nowNanos - answeredNanos);
    if (batches > 0) {
      errorByAnswers = errorByAnswers * FORGETTING + Math.abs(arrived - answered);
      errorByTime = errorByTime * FORGETTING + Math.max(0, Math.abs(arrived - rows / nanos * time) - ROUNDING);
    }
    batches = batches * FORGETTING + 1;
    rows = rows * FORGETTING + arrived;
    nanos = nanos * FORGETTING + time;
    closed = batches >= FEWEST_BATCHES && errorByAnswers < (closed ? CLOSED_STILL : CLOSED) * errorByTime;
    answered = batchRows;
    arrived = 0;
    answeredNanos = nowNanos;
  }

  boolean isClosed() {
    return closed;
  }
}
