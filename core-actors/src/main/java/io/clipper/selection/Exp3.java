package io.clipper.selection;

import io.clipper.model.ModelId;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * Exponential weights for exploration and exploitation in their loss form (Auer, Cesa-Bianchi, Freund, Schapire, SICOMP 2002; Lattimore and
 * Szepesvári, Bandit Algorithms, 11.3): plays i with probability p_i = exp(−η_t L_i) / Σ_j exp(−η_t L_j), where L_i sums loss ÷ probability
 * over the times i was observed, and η_t = √(ln K / (K t)) unless it is set (Bubeck and Cesa-Bianchi 2012, theorem 3.1).
 *
 * <p>In the loss form an arm that is not played rises whenever the played one loses: it frees itself without forced exploration.
 */
final class Exp3 implements SelectionPolicy<RelativeLosses> {
  static final String NAME = "exp3";

  private final double eta;

  /** An {@code eta} of 0 stands for η_t. */
  Exp3(double eta) {
    this.eta = eta;
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public boolean plays() {
    return true;
  }

  @Override
  public Class<RelativeLosses> stateType() {
    return RelativeLosses.class;
  }

  @Override
  public RelativeLosses start() {
    return RelativeLosses.NONE;
  }

  @Override
  public boolean knows(RelativeLosses state, List<ModelId> candidates) {
    return state.losses().knows(candidates);
  }

  @Override
  public RelativeLosses admit(RelativeLosses state, List<ModelId> peers, List<Prior> newcomers) {
    return state.admit(peers, newcomers, eta(peers.size() + newcomers.size(), state.rounds() + 1));
  }

  /** The cap on the young holds here too: the draw is by capped shares, and what is stored and divided by is what was drawn with. */
  @Override
  public double[] weights(RelativeLosses state, List<ModelId> candidates, boolean[] young) {
    return Shares.capped(state.weights(candidates, eta(candidates.size(), state.rounds() + 1)), young);
  }

  @Override
  public Selection select(List<ModelId> candidates, double[] weights, int maxAsked, RandomGenerator random) {
    return Asking.one(candidates, weights, random);
  }

  @Override
  public RelativeLosses observe(RelativeLosses state, Observation observation) {
    int size = observation.candidates().size();
    return state.observe(observation, eta(size, state.rounds() + 1), eta(size, state.rounds() + 2));
  }

  /** For fewer than two arms there is nothing to learn, and any rate will do. */
  private double eta(int arms, long round) {
    int compared = Math.max(arms, 2);
    return eta > 0 ? eta : Math.sqrt(StrictMath.log(compared) / ((double) compared * round));
  }
}
