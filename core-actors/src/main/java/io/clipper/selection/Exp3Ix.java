package io.clipper.selection;

/**
 * Exp3 with implicit exploration (Neu, Explore no more, NIPS 2015): p_i = exp(−η_t L_i) / Σ_j exp(−η_t L_j), where L_i sums
 * l_i ÷ (o_i + γ_t) over the times i was observed, o_i is the probability with which it was, η_t = √(2 ln K / (K t)) and γ_t = η_t / 2.
 * What was seen beside the play, in the cache or by a shadow, counts by its own o_i (Kocák, Neu, Valko, Munos, NIPS 2014).
 *
 * <p>The γ in the divisor keeps every estimate below 1/γ_t, so that the regret holds with high probability and not in the mean alone: with
 * probability 1 − δ it is at most 2 √(2 K T ln K) + (√(2 K T / ln K) + 1) ln(2/δ), with η and γ of a known T. The probabilities that are
 * logged stay what they were.
 *
 * @param eta 0 stands for η_t
 */
record Exp3Ix(double eta) implements LossSumPolicy {
  static final String NAME = "exp3-ix";

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public boolean plays() {
    return true;
  }

  @Override
  public Potential potential(int arms, long round) {
    return new Exponential(rate(arms, round));
  }

  @Override
  public double[] estimates(RelativeLosses state, Observation observation) {
    double[] estimates = new double[observation.candidates().size()];
    double gamma = rate(estimates.length, state.rounds() + 1) / 2;
    int index = -1;
    for (Observation.Judged judged : observation.judged()) {
      index = observation.indexOf(judged.model(), index + 1);
      estimates[index] = judged.loss() / (judged.probability() + gamma);
    }
    return estimates;
  }

  private double rate(int arms, long round) {
    return eta > 0 ? eta : Math.sqrt(2 * Shares.log(arms) / ((double) arms * round));
  }
}
