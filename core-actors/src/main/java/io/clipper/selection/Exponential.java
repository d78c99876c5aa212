package io.clipper.selection;

/**
 * w_i = exp(−η R_i) / Σ exp(−η R_j), with the soft minimum F = −(1/η) ln( (1/K) Σ exp(−η R_i) ).
 *
 * @param eta above 0; of an infinite one the least scores share all
 */
record Exponential(double eta) implements Potential {
  @Override
  public double[] weights(double[] scores) {
    return Shares.scaled(powers(scores));
  }

  @Override
  public double own(double[] scores) {
    return own(scores, powers(scores));
  }

  /** exp(−η (R_i − min R)): what the weights are in proportion to. */
  double[] powers(double[] scores) {
    double least = Shares.min(scores);
    double[] powers = new double[scores.length];
    for (int i = 0; i < powers.length; i++) {
      powers[i] = scores[i] == least ? 1 : Shares.exp(-eta * (scores[i] - least));
    }
    return powers;
  }

  /**
   * The soft minimum of scores whose powers are known. Bounded by the least and the mean, between which it lies, since for a tiny η the
   * logarithm is mostly rounding.
   */
  double own(double[] scores, double[] powers) {
    double least = Shares.min(scores);
    double sum = 0;
    double excess = 0;
    for (int i = 0; i < scores.length; i++) {
      sum += powers[i];
      excess += scores[i] - least;
    }
    double above = -logOfMean(sum, scores.length) / eta;
    return least + Math.clamp(above, 0, excess / scores.length);
  }

  /** Where one is far ahead, as in most rounds of a long time, its 1 is the whole sum. */
  private static double logOfMean(double sum, int count) {
    return sum == 1 ? Shares.logOfInverse(count) : StrictMath.log(sum / count);
  }
}
