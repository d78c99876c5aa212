package io.clipper.selection;

/**
 * w_i = exp(−η R_i) / Σ exp(−η R_j), with the soft minimum F = −(1/η) ln( (1/K) Σ exp(−η R_i) ).
 *
 * @param eta above 0; of an infinite one the least scores share all
 */
record Exponential(double eta) implements Potential {
  @Override
  public double[] weights(double[] scores) {
    double least = Shares.min(scores);
    double[] logWeights = new double[scores.length];
    for (int i = 0; i < scores.length; i++) {
      logWeights[i] = scores[i] == least ? 0 : -eta * (scores[i] - least);
    }
    return Shares.softmax(logWeights);
  }

  /** Bounded by the least and the mean, between which it lies, since for a tiny η the logarithm is mostly rounding. */
  @Override
  public double own(double[] scores) {
    double least = Shares.min(scores);
    double sum = 0;
    double excess = 0;
    for (double score : scores) {
      sum += score == least ? 1 : StrictMath.exp(-eta * (score - least));
      excess += score - least;
    }
    double above = -StrictMath.log(sum / scores.length) / eta;
    return least + Math.clamp(above, 0, excess / scores.length);
  }
}
