package io.clipper.selection;

/**
 * Clipper's weighted ensemble, which is Hedge over the models that were asked (Freund and Schapire 1997; Cesa-Bianchi and Lugosi,
 * Prediction, Learning, and Games, theorem 2.3): w_i = exp(−η_t L_i) / Σ_j exp(−η_t L_j), where L_i sums i's losses, each divided by the
 * probability of its being observed, and η_t = √(8 ln K / t) unless it is set. With all losses known the regret is at most
 * 2 √(T ln K / 2) + √(ln K / 8).
 *
 * @param eta 0 stands for η_t
 */
record Exp4(double eta) implements LossSumPolicy {
  static final String NAME = "exp4";

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public boolean plays() {
    return false;
  }

  @Override
  public Potential potential(int arms, long round) {
    return new Exponential(eta > 0 ? eta : Math.sqrt(8 * Shares.log(arms) / round));
  }
}
