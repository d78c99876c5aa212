package io.clipper.batch;

import java.time.Duration;

/**
 * How long a batch takes by its rows: ℓ(b) = β + α·b, by recursive least squares in which each batch weighs .98 of the one after it, and the
 * quantile of what is left over, in shares of ℓ. The first five fields are the weighted sums.
 *
 * @param nanosPerRow α; while all batches have one size it stays as it was, and at first a batch counts as all rows and no base
 * @param deviationNanos the mean distance from the line
 * @param quantile a share of all batches
 * @param excess that share of batches takes at most ℓ·(1 + excess)
 * @param surprises batches in a row that were far off, on the same side: positive above the line, negative below
 * @param largestRows the largest batch seen
 */
public record LatencyModel(
    double weight,
    double rows,
    double rowsSquared,
    double nanos,
    double rowsTimesNanos,
    double nanosPerRow,
    double deviationNanos,
    double quantile,
    double excess,
    int surprises,
    int largestRows) {
  /** Not the 99 %: that is where rare stalls begin, which no batch size avoids. */
  private static final double USUAL_QUANTILE = 0.95;

  /** Before the first batch everything is expected to take no time. */
  public static final LatencyModel UNKNOWN = unknown(USUAL_QUANTILE);

  private static final double FORGETTING = 0.98;
  /** What was believed of the slope weighs as much as batches whose squared distances from the mean size sum to this. */
  private static final double BELIEF = 1;
  /** Sizes that spread less than this are one size: a single batch of another is forgotten after eighty. */
  private static final double ALIKE = 0.2;

  private static final double NEWEST = 0.1;
  /**
   * Beyond so many mean distances a batch counts as if it were there: a rare stall, of the model or of this process, says nothing of the
   * next batch. The distance itself grows by half with each, so that a lasting change is followed within a dozen.
   */
  private static final double FAR = 6;
  /** Before so many batches, at the start and after a change, nothing is known to be far off, and what is off the line is not noise. */
  private static final double FEW = 6;
  /** So many, less what is forgotten of them. */
  private static final double FAMILIAR = 4;
  /** A batch that is so many times as fast as the first few say shows that those paid for the start: it is the first again. */
  private static final double START_UP = 4;
  /** Of ℓ; a model without any noise still has a clock's. */
  private static final double LEAST_DEVIATION = 0.01;
  /** So many surprises in a row on one side are another speed: what was learned before then weighs as one batch. */
  private static final int CHANGED = 4;
  private static final double AFTER_A_CHANGE = 0.02;

  private static final double LARGEST_EXCESS = 2;
  /** Of the pinball gradient, in mean distances. */
  private static final double STEP = 0.25;
  private static final double FIRST_DEVIATION = 0.05;
  private static final double FIRST_EXCESS = 0.1;

  static LatencyModel unknown(double quantile) {
    return new LatencyModel(0, 0, 0, 0, 0, 0, 0, quantile, 0, 0, 0);
  }

  public LatencyModel after(int batchRows, Duration latency) {
    double took = latency.toNanos();
    if (weight == 0 || (isNew() && took * START_UP < line(batchRows))) {
      return new LatencyModel(
          1, batchRows, (double) batchRows * batchRows, took, batchRows * took, took / batchRows, took * FIRST_DEVIATION, quantile, FIRST_EXCESS, 0, Math.max(largestRows, batchRows));
    }
    double line = Math.max(1, line(batchRows));
    double error = took - line;
    double far = isNew() ? Double.MAX_VALUE : FAR * deviationNanos + LEAST_DEVIATION * line;
    int surprisesNow = Math.abs(error) <= far ? 0 : error > 0 ? Math.max(surprises, 0) + 1 : Math.min(surprises, 0) - 1;
    boolean changed = Math.abs(surprisesNow) >= CHANGED;
    double kept = changed ? AFTER_A_CHANGE : FORGETTING;
    double counted = changed ? took : line + Math.clamp(error, -far, far);
    double step = Math.max(deviationNanos / line, LEAST_DEVIATION) * STEP;
    double excessNow = isNew() || changed ? excess : excess + step * (error / line > excess ? quantile : quantile - 1);
    double newWeight = weight * kept + 1;
    double newRows = rows * kept + batchRows;
    double newRowsSquared = rowsSquared * kept + (double) batchRows * batchRows;
    double newNanos = nanos * kept + counted;
    double newRowsTimesNanos = rowsTimesNanos * kept + batchRows * counted;
    double spread = spread(newWeight, newRows, newRowsSquared);
    double together = newRowsTimesNanos - newRows * newNanos / newWeight;
    double slope = (together + BELIEF * nanosPerRow) / (spread + BELIEF);
    return new LatencyModel(
        newWeight,
        newRows,
        newRowsSquared,
        newNanos,
        newRowsTimesNanos,
        Math.clamp(slope, 0, Math.max(0, newNanos / newRows)),
        deviationNanos + NEWEST * (Math.abs(counted - line) - deviationNanos),
        quantile,
        Math.clamp(excessNow, 0, LARGEST_EXCESS),
        changed ? 0 : surprisesNow,
        Math.max(largestRows, batchRows));
  }

  public boolean isKnown() {
    return weight > 0;
  }

  /** Whether the line is still sought, at the start or after a change of speed. */
  boolean isNew() {
    return weight < FEW;
  }

  /** Whether enough batches came back since the start, and since the last change, to blame a model for what they took. */
  boolean isFamiliar() {
    return weight >= FAMILIAR;
  }

  /** Whether nearly all batches of late had that size: nothing has been learned of the slope from them. */
  boolean isOfBatchesLike(int batchRows) {
    return weight >= FAMILIAR && spread(weight, rows, rowsSquared) < ALIKE && Math.abs(rows - weight * batchRows) < weight / 2;
  }

  /** The weighted sum of squared distances from the mean size. */
  private static double spread(double weight, double rows, double rowsSquared) {
    return Math.max(0, rowsSquared - rows * rows / weight);
  }

  /** Never below 0. */
  public Duration expected(int batchRows) {
    return Duration.ofNanos(expectedNanos(batchRows));
  }

  public long expectedNanos(int batchRows) {
    return weight == 0 ? 0 : Math.round(line(batchRows));
  }

  /** What the quantile of batches of that size stays within. */
  public long withinNanos(int batchRows) {
    return weight == 0 ? 0 : Math.round(line(batchRows) * (1 + excess));
  }

  /** The largest batch that is expected to take at most that long; at least 1. */
  public int rowsWithin(long latencyNanos) {
    if (nanosPerRow <= 0) {
      return line(1) <= latencyNanos ? Integer.MAX_VALUE : 1;
    }
    // A hair above: ten rows of one nanosecond each are ten within ten, whatever the last bit says.
    return (int) Math.clamp(Math.floor((latencyNanos - base()) / nanosPerRow + 1e-9), 1, Integer.MAX_VALUE);
  }

  /** The largest batch of which the quantile takes at most that long; at least 1. */
  int rowsSurelyWithin(long latencyNanos) {
    return rowsWithin((long) (latencyNanos / (1 + excess)));
  }

  /** The smallest batch b with b/ℓ(b) of at least that many rows a nanosecond; {@link Integer#MAX_VALUE} where none is. */
  public int rowsForRate(double rowsPerNano) {
    double left = 1 - rowsPerNano * nanosPerRow;
    if (left <= 0) {
      return Integer.MAX_VALUE;
    }
    return (int) Math.clamp(Math.ceil(rowsPerNano * base() / left - 1e-9), 1, Integer.MAX_VALUE);
  }

  private double line(int batchRows) {
    return Math.max(0, base() + nanosPerRow * batchRows);
  }

  /** β, in nanoseconds. */
  double base() {
    return weight == 0 ? 0 : (nanos - nanosPerRow * rows) / weight;
  }
}
