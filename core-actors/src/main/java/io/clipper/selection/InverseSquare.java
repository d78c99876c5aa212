package io.clipper.selection;

/** w_i = 4 / (η (R_i − x))² with x left of all R_i such that they sum to one: the potential of the ½-Tsallis entropy. */
record InverseSquare(double eta) implements Potential {
  /** Each step of Newton's at least halves the excess of the square root; it ends long before. */
  private static final int MOST_STEPS = 60;

  private static final double EXACT_ENOUGH = 1e-14;

  @Override
  public double[] weights(double[] scores) {
    double least = Shares.min(scores);
    double x = root(scores, least);
    double[] weights = new double[scores.length];
    double sum = 0;
    for (int i = 0; i < weights.length; i++) {
      weights[i] = weight(scores[i] - least - x);
      sum += weights[i];
    }
    for (int i = 0; i < weights.length; i++) {
      weights[i] /= sum;
    }
    return weights;
  }

  /** x + 2√K/η, which is x plus the power mean of order −2 of the R_i − x. */
  @Override
  public double own(double[] scores) {
    double least = Shares.min(scores);
    return least + Math.max(root(scores, least) + 2 * Math.sqrt(scores.length) / eta, 0);
  }

  /**
   * x less the least score. The sum of the weights is convex and rising in x, and at −2/η the lightest score alone weighs one: from there
   * Newton's x ← x − (Σ w − 1) / (η Σ w^{3/2}) goes left and never past the root.
   */
  private double root(double[] scores, double least) {
    double x = -2 / eta;
    for (int step = 0; step < MOST_STEPS; step++) {
      double excess = -1;
      double slope = 0;
      for (double score : scores) {
        double weight = weight(score - least - x);
        excess += weight;
        slope += weight * Math.sqrt(weight);
      }
      if (excess <= EXACT_ENOUGH) {
        return x;
      }
      x -= excess / (eta * slope);
    }
    return x;
  }

  private double weight(double distance) {
    double scaled = eta * distance / 2;
    return 1 / (scaled * scaled);
  }
}
