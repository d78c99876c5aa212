package io.clipper.selection;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Arrays;

/** What a query says of its circumstances, for policies that choose by them: a short row of numbers, best of about −1..1. */
public final class Features {
  public static final Features NONE = new Features(new double[0]);

  /** Each model costs a solution of as many equations a query. */
  public static final int MOST = 32;

  /** Squares of it and their sums stay exact enough to solve with. */
  private static final double LARGEST = 1e4;

  private final double[] values;

  private Features(double[] values) {
    this.values = values;
  }

  /** Throws {@link IllegalArgumentException} that says what is wrong for too many numbers or too large ones. */
  @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
  public static Features of(double... values) {
    if (values.length > MOST) {
      throw new IllegalArgumentException("%d features are given, at most %d are used".formatted(values.length, MOST));
    }
    for (int i = 0; i < values.length; i++) {
      if (!(Math.abs(values[i]) <= LARGEST)) {
        throw new IllegalArgumentException("feature %d is %s, which is outside ±%.0f".formatted(i, values[i], LARGEST));
      }
    }
    return new Features(values.clone());
  }

  /** A copy. */
  @JsonValue
  public double[] toArray() {
    return values.clone();
  }

  public int size() {
    return values.length;
  }

  /** A one, for what every query has in common, and these. */
  double[] withOne() {
    double[] row = new double[values.length + 1];
    row[0] = 1;
    System.arraycopy(values, 0, row, 1, values.length);
    return row;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Features that && Arrays.equals(values, that.values);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(values);
  }

  @Override
  public String toString() {
    return Arrays.toString(values);
  }
}
