package io.clipper.selection;

import java.util.List;

/**
 * ½-Tsallis-INF (Zimmert and Seldin, JMLR 2021), of the best order both where the world stands still and where an adversary moves it:
 * w_i = 4 / (η_t (L_i − x))² with x such that they sum to one, and η_t = 4/√t. Losses are estimated with less variance against a baseline:
 * l̂_i = 1{i seen} (l_i − B_i) / p_i + B_i, where B_i = ½ if w_i ≥ η_t², else 0.
 *
 * <p>The expected regret is at most 2 √(K T) + 14 K ln T + 16 against an adversary, and in a stochastic world at most
 * Σ_{i≠*} (ln T + 3) / Δ_i + 2 / Δ_min + 28 K ln T + 1.5 √K + 32.
 */
record TsallisInf() implements LossSumPolicy {
  static final String NAME = "tsallis-inf";

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
    return new InverseSquare(rate(round));
  }

  /** A baseline may be anything that does not depend on who was seen, so that today's weights do for an observation of yesterday. */
  @Override
  public double[] estimates(RelativeLosses state, Observation observation) {
    double[] weights = weights(state, observation.candidates(), new boolean[observation.candidates().size()]);
    double squaredRate = rate(state.rounds() + 1) * rate(state.rounds() + 1);
    double[] estimates = new double[weights.length];
    for (int i = 0; i < weights.length; i++) {
      estimates[i] = weights[i] >= squaredRate ? 0.5 : 0;
    }
    List<Observation.Judged> judged = observation.judged();
    int index = -1;
    for (Observation.Judged one : judged) {
      index = observation.indexOf(one.model(), index + 1);
      estimates[index] += Shares.estimate(one.loss() - estimates[index], one.probability());
    }
    return estimates;
  }

  private static double rate(long round) {
    return 4 / Math.sqrt((double) round);
  }
}
