package io.clipper.selection;

import java.util.Arrays;
import java.util.stream.IntStream;

/** Arithmetic on shares that sum to one. */
final class Shares {
  /**
   * No estimate exceeds it, so that the sum of any number of them stays finite. An arm that was observed with less than 10^−12 is not
   * observed twice.
   */
  private static final double MAX_ESTIMATE = 1e12;

  /** e to less than it is nearer to 0 than to the least double there is, and slow to find. */
  private static final double VANISHES_BELOW = -746;

  /** Each step needs the logarithm of how many arms there are a few times, and hardly any has more. */
  private static final double[] LOGARITHMS = IntStream.rangeClosed(0, 64).mapToDouble(StrictMath::log).toArray();

  private static final double[] LOGARITHMS_OF_INVERSES = IntStream.rangeClosed(0, 64).mapToDouble(arms -> StrictMath.log(1.0 / arms)).toArray();

  private Shares() {}

  static double[] equal(int size) {
    double[] shares = new double[size];
    Arrays.fill(shares, 1.0 / size);
    return shares;
  }

  /**
   * e^x of a number that is not above 0. {@link StrictMath}, since what it gives goes into a state that must come out of the journal with
   * the same bits on every machine.
   */
  static double exp(double x) {
    return x < VANISHES_BELOW ? 0 : StrictMath.exp(x);
  }

  /** ln K. */
  static double log(int arms) {
    return arms < LOGARITHMS.length ? LOGARITHMS[arms] : StrictMath.log(arms);
  }

  /** ln(1/K), which is not −{@link #log} to the last bit. */
  static double logOfInverse(int arms) {
    return arms < LOGARITHMS_OF_INVERSES.length ? LOGARITHMS_OF_INVERSES[arms] : StrictMath.log(1.0 / arms);
  }

  /** exp(x_i) / Σ exp(x_j), computed relative to the greatest; finite numbers in, finite numbers out. */
  static double[] softmax(double[] logWeights) {
    return scaled(powers(logWeights, max(logWeights)));
  }

  /** ln Σ exp(x_i), relative to the greatest. */
  static double logSumExp(double[] logWeights) {
    double max = max(logWeights);
    return max + StrictMath.log(sum(powers(logWeights, max)));
  }

  /** exp(x_i − max). */
  static double[] powers(double[] logWeights, double max) {
    double[] powers = new double[logWeights.length];
    for (int i = 0; i < powers.length; i++) {
      powers[i] = exp(logWeights[i] - max);
    }
    return powers;
  }

  /** Each divided by the sum of all. Changes the array and returns it. */
  static double[] scaled(double[] parts) {
    double sum = sum(parts);
    for (int i = 0; i < parts.length; i++) {
      parts[i] /= sum;
    }
    return parts;
  }

  static double sum(double[] values) {
    double sum = 0;
    for (double value : values) {
      sum += value;
    }
    return sum;
  }

  static double max(double[] values) {
    double max = values[0];
    for (int i = 1; i < values.length; i++) {
      max = Math.max(max, values[i]);
    }
    return max;
  }

  static double min(double[] values) {
    double min = values[0];
    for (int i = 1; i < values.length; i++) {
      min = Math.min(min, values[i]);
    }
    return min;
  }

  /** The unbiased estimate of a loss that was seen with that probability. */
  static double estimate(double loss, double probability) {
    return Math.clamp(loss / probability, -MAX_ESTIMATE, MAX_ESTIMATE);
  }

  /** That of each candidate, in their order; 0 for one that was not seen. */
  static double[] estimates(Observation observation) {
    double[] estimates = new double[observation.candidates().size()];
    int index = -1;
    for (Observation.Judged judged : observation.judged()) {
      index = observation.indexOf(judged.model(), index + 1);
      estimates[index] = estimate(judged.loss(), judged.probability());
    }
    return estimates;
  }

  /**
   * All to the candidate with the least value, the earliest of equals. A young one that has it gets an equal share, and the least of those
   * that are not young the rest.
   */
  static double[] ofLeast(double[] values, boolean[] young) {
    int size = values.length;
    int best = 0;
    int bestGrown = -1;
    for (int i = 0; i < size; i++) {
      if (values[i] < values[best]) {
        best = i;
      }
      if (!young[i] && (bestGrown < 0 || values[i] < values[bestGrown])) {
        bestGrown = i;
      }
    }
    double[] shares = new double[size];
    if (bestGrown < 0 || bestGrown == best) {
      shares[best] = 1;
    } else {
      shares[best] = 1.0 / size;
      shares[bestGrown] = (size - 1.0) / size;
    }
    return shares;
  }

  /**
   * A young one has at most an equal share; the excess goes to those that are not young, in proportion to what they have. Where all are
   * young nobody is held back. Changes the array and returns it.
   */
  static double[] capped(double[] shares, boolean[] young) {
    double equal = 1.0 / shares.length;
    double excess = 0;
    double grown = 0;
    int grownCount = 0;
    for (int i = 0; i < shares.length; i++) {
      if (!young[i]) {
        grown += shares[i];
        grownCount++;
      } else if (shares[i] > equal) {
        excess += shares[i] - equal;
      }
    }
    if (excess == 0 || grownCount == 0) {
      return shares;
    }
    for (int i = 0; i < shares.length; i++) {
      if (young[i]) {
        shares[i] = Math.min(shares[i], equal);
      } else {
        shares[i] += grown > 0 ? excess * (shares[i] / grown) : excess / grownCount;
      }
    }
    return shares;
  }
}
