package io.clipper.selection;

import io.clipper.model.ModelId;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * Clipper's weighted ensemble, which is Hedge over the models that were asked (Freund and Schapire 1997; Cesa-Bianchi and Lugosi,
 * Prediction, Learning, and Games, theorem 2.3): w_i = exp(−η_t L_i) / Σ_j exp(−η_t L_j), where L_i sums i's losses, each divided by the
 * probability of its being observed, and η_t = √(8 ln K / t) unless it is set. With all losses known the regret is at most
 * 2 √(T ln K / 2) + √(ln K / 8).
 */
final class Exp4 implements SelectionPolicy<RelativeLosses> {
  static final String NAME = "exp4";

  private final double eta;

  /** An {@code eta} of 0 stands for η_t. */
  Exp4(double eta) {
    this.eta = eta;
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public boolean plays() {
    return false;
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

  @Override
  public double[] weights(RelativeLosses state, List<ModelId> candidates, boolean[] young) {
    return Shares.capped(state.weights(candidates, eta(candidates.size(), state.rounds() + 1)), young);
  }

  @Override
  public Selection select(List<ModelId> candidates, double[] weights, int maxAsked, RandomGenerator random) {
    return Asking.many(candidates, weights, maxAsked, random);
  }

  @Override
  public RelativeLosses observe(RelativeLosses state, Observation observation) {
    int size = observation.candidates().size();
    return state.observe(observation, eta(size, state.rounds() + 1), eta(size, state.rounds() + 2));
  }

  /** For fewer than two arms there is nothing to learn, and any rate will do. */
  private double eta(int arms, long round) {
    int compared = Math.max(arms, 2);
    return eta > 0 ? eta : Math.sqrt(8 * StrictMath.log(compared) / round);
  }
}
