package io.clipper.selection;

/**
 * Exponential weights for exploration and exploitation in their loss form (Auer, Cesa-Bianchi, Freund, Schapire, SICOMP 2002; Lattimore and
 * Szepesvári, Bandit Algorithms, 11.3): plays i with probability p_i = exp(−η_t L_i) / Σ_j exp(−η_t L_j), where L_i sums loss ÷ probability
 * over the times i was observed, and η_t = √(ln K / (K t)) unless it is set (Bubeck and Cesa-Bianchi 2012, theorem 3.1). The expected regret
 * is at most 2 √(T K ln K).
 *
 * <p>In the loss form an arm that is not played rises whenever the played one loses: it frees itself without forced exploration.
 *
 * @param eta 0 stands for η_t
 */
record Exp3(double eta) implements LossSumPolicy {
  static final String NAME = "exp3";

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
    return new Exponential(eta > 0 ? eta : Math.sqrt(Shares.log(arms) / ((double) arms * round)));
  }
}
