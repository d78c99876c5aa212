package io.clipper.certainty;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Arrays;
import java.util.List;

/** The latest scores, of which quantiles are asked: an immutable value. */
public final class RecentScores {
  /** So many labels after a change all that came before it is forgotten, and a quantile is within 1.3 points at a tenth. */
  static final int CAPACITY = 500;

  static final RecentScores NONE = new RecentScores(new double[0], new double[0]);

  private final double[] arrived;
  private final double[] sorted;

  private RecentScores(double[] arrived, double[] sorted) {
    this.arrived = arrived;
    this.sorted = sorted;
  }

  /** Oldest first. Written as its list: Pekko would look for an object with a field of the one parameter's name. */
  @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
  static RecentScores of(List<Double> scores) {
    double[] arrived = scores.stream().mapToDouble(Double::doubleValue).toArray();
    double[] sorted = arrived.clone();
    Arrays.sort(sorted);
    return new RecentScores(arrived, sorted);
  }

  @JsonValue
  List<Double> toList() {
    return Arrays.stream(arrived).boxed().toList();
  }

  int size() {
    return arrived.length;
  }

  /** @param capacity the oldest goes where there are as many */
  RecentScores with(double score, int capacity) {
    boolean full = arrived.length >= capacity;
    double[] nextArrived = Arrays.copyOfRange(arrived, full ? 1 : 0, arrived.length + 1);
    nextArrived[nextArrived.length - 1] = score;
    double[] nextSorted = Arrays.copyOf(sorted, nextArrived.length);
    int gap = full ? place(sorted, arrived[0]) : sorted.length;
    int at = place(sorted, score);
    if (at <= gap) {
      System.arraycopy(sorted, at, nextSorted, at + 1, gap - at);
    } else {
      at--;
      System.arraycopy(sorted, gap + 1, nextSorted, gap, at - gap);
    }
    nextSorted[at] = score;
    return new RecentScores(nextArrived, nextSorted);
  }

  /** The ⌈(n+1)(1−α)⌉-th smallest, and where that is beyond the greatest, the greatest. */
  double quantile(double miss) {
    int rank = (int) Math.ceil((sorted.length + 1) * (1 - miss) - 1e-9);
    return sorted[Math.clamp(rank, 1, sorted.length) - 1];
  }

  private static int place(double[] sorted, double score) {
    int found = Arrays.binarySearch(sorted, score);
    return found < 0 ? -found - 1 : found;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof RecentScores that && Arrays.equals(arrived, that.arrived);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(arrived);
  }

  @Override
  public String toString() {
    return Arrays.toString(arrived);
  }
}
