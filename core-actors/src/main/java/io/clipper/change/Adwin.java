package io.clipper.change;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A window over a stream of numbers that lie about 1 apart at most, which holds as much of it as looks alike: when the means of an older and a newer part differ by more than
 * chance allows, the older part is dropped (Bifet and Gavaldà: Learning from time-changing data with adaptive windowing, SDM 2007, ADWIN2).
 * An immutable value.
 *
 * @param rows buckets by their size, 1, 2, 4, …, the newest first in each
 */
public record Adwin(List<Row> rows) {
  /*
   * An exponential histogram [1]: at most M = 5 buckets of each size; of one more, the two oldest become one of twice the size. So a window
   * of W numbers takes O(M log W) buckets, and the boundaries between buckets are where it may be cut. It is cut where
   *
   *   |μ_0 − μ_1| > √(2/m σ² δ') + 2/3 δ'/m,   1/m = 1/n_0 + 1/n_1,   δ' = ln(2 ln W / δ),
   *
   * σ² the variance in the window, oldest boundaries first, until no boundary is. Variances of merged buckets
   * are exact: q = q_0 + q_1 + n_0 n_1/(n_0+n_1) (μ_0 − μ_1)².
   *
   * [1] Datar, Gionis, Indyk, Motwani: Maintaining stream statistics over sliding windows. SICOMP 2002.
   */

  private static final int MOST_IN_ROW = 5;

  /** Fewer numbers than that on one side say nothing of a mean. */
  private static final int LEAST_PART = 5;

  static final Adwin EMPTY = new Adwin(List.of());

  /** Buckets of one size, of which there are as many as sums. */
  public record Row(List<Double> sums, List<Double> squares) {
    public Row {
      sums = List.copyOf(sums);
      squares = List.copyOf(squares);
    }
  }

  /** The mean of what was dropped at first sight, and of what stayed, and how many numbers that is. */
  public record Cut(double before, double after, long remaining) {}

  /** A window after a check, and what it had to drop. */
  record Checked(Adwin adwin, Optional<Cut> cut) {}

  public Adwin {
    rows = List.copyOf(rows);
  }

  Adwin with(double value) {
    List<Row> next = new ArrayList<>(rows.size() + 1);
    double sum = value;
    double square = 0;
    boolean carried = true;
    int count = 1;
    for (Row row : rows) {
      if (!carried) {
        next.add(row);
        continue;
      }
      List<Double> sums = new ArrayList<>(MOST_IN_ROW + 1);
      List<Double> squares = new ArrayList<>(MOST_IN_ROW + 1);
      sums.add(sum);
      squares.add(square);
      sums.addAll(row.sums());
      squares.addAll(row.squares());
      carried = sums.size() > MOST_IN_ROW;
      if (carried) {
        double older = sums.removeLast();
        double newer = sums.removeLast();
        double distance = (older - newer) / count;
        square = squares.removeLast() + squares.removeLast() + count / 2.0 * distance * distance;
        sum = older + newer;
      }
      next.add(new Row(sums, squares));
      count *= 2;
    }
    if (carried) {
      next.add(new Row(List.of(sum), List.of(square)));
    }
    return new Adwin(next);
  }

  /**
   * Drops what differs from the newest part.
   *
   * @param doubt δ, the chance of dropping something where nothing changed
   */
  Checked checked(double doubt) {
    Optional<Cut> first = cut(doubt);
    if (first.isEmpty()) {
      return new Checked(this, first);
    }
    Adwin rest = withoutOldest();
    while (rest.cut(doubt).isPresent()) {
      rest = rest.withoutOldest();
    }
    return new Checked(rest, Optional.of(new Cut(first.get().before(), rest.mean(), rest.size())));
  }

  public long size() {
    return total().count;
  }

  public double mean() {
    Part all = total();
    return all.count == 0 ? 0 : all.sum / all.count;
  }

  /** By how much the mean of about so many newest numbers is above that of the rest; 0 where there is no rest. */
  double rise(long newest) {
    Part young = new Part();
    Part all = total();
    for (int r = 0; r < rows.size(); r++) {
      for (int b = 0; b < rows.get(r).sums().size() && young.count < newest; b++) {
        young.add(rows.get(r).sums().get(b), 1L << r);
      }
    }
    long old = all.count - young.count;
    return young.count == 0 || old <= 0 ? 0 : young.sum / young.count - (all.sum - young.sum) / old;
  }

  private Optional<Cut> cut(double doubt) {
    Part all = total();
    if (all.count < 2 * LEAST_PART) {
      return Optional.empty();
    }
    double variance = variance(all);
    double doubtLog = Math.log(2 * Math.log((double) all.count) / doubt);
    Part old = new Part();
    for (int r = rows.size() - 1; r >= 0; r--) {
      for (int b = rows.get(r).sums().size() - 1; b >= 0; b--) {
        old.add(rows.get(r).sums().get(b), 1L << r);
        long young = all.count - old.count;
        if (old.count < LEAST_PART || young < LEAST_PART) {
          continue;
        }
        double before = old.sum / old.count;
        double after = (all.sum - old.sum) / young;
        double perPart = 1.0 / old.count + 1.0 / young;
        if (Math.abs(before - after) > Math.sqrt(2 * perPart * variance * doubtLog) + 2.0 / 3 * doubtLog * perPart) {
          return Optional.of(new Cut(before, after, young));
        }
      }
    }
    return Optional.empty();
  }

  private Adwin withoutOldest() {
    Row last = rows.getLast();
    List<Row> rest = new ArrayList<>(rows.subList(0, rows.size() - 1));
    if (last.sums().size() > 1) {
      rest.add(new Row(last.sums().subList(0, last.sums().size() - 1), last.squares().subList(0, last.squares().size() - 1)));
    }
    return new Adwin(rest);
  }

  private Part total() {
    Part all = new Part();
    for (int r = 0; r < rows.size(); r++) {
      for (double sum : rows.get(r).sums()) {
        all.add(sum, 1L << r);
      }
    }
    return all;
  }

  private double variance(Part all) {
    double mean = all.sum / all.count;
    double squares = 0;
    for (int r = 0; r < rows.size(); r++) {
      long count = 1L << r;
      for (int b = 0; b < rows.get(r).sums().size(); b++) {
        double distance = rows.get(r).sums().get(b) / count - mean;
        squares += rows.get(r).squares().get(b) + count * distance * distance;
      }
    }
    return squares / all.count;
  }

  private static final class Part {
    private long count;
    private double sum;

    void add(double more, long size) {
      sum += more;
      count += size;
    }
  }
}
