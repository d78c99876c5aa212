package io.clipper.selection;

import io.clipper.model.ModelId;
import java.util.List;

/**
 * Hedge that finds its own rate (de Rooij, van Erven, Grünwald, Koolen, Follow the leader if you can, hedge if you must, JMLR 2014):
 * w_i ∝ exp(−η_t L_i) with η_t = ln K / Δ_{t−1}, where Δ sums by how much the weights' loss h_t = w·l_t exceeded the mix loss
 * m_t = −(1/η_t) ln Σ w_i exp(−η_t l_i); while Δ is 0 the leaders share all.
 *
 * <p>On every sequence of losses within a range S the regret is at most 2 √(V_T ln K) + S (4/3 ln K + 2), where V_T sums the variance of l_t
 * under w_t: for losses of 0..1 at most √(T ln K) + 4/3 ln K + 2. Neither T nor S need be known.
 */
record AdaHedge() implements SelectionPolicy<AdaHedge.Hedged> {
  static final String NAME = "adahedge";

  /**
   * The sums of losses, relative to the policy's own as {@link RelativeLosses} argues.
   *
   * @param gap Δ, how much was lost by mixing as much as was mixed
   */
  record Hedged(RelativeLosses losses, double gap) implements PolicyState {
    @Override
    public boolean knows(List<ModelId> models) {
      return losses.knows(models);
    }

    @Override
    public Hedged without(ModelId model) {
      return new Hedged(losses.without(model), gap);
    }

    /** A rule of thumb: what each lost by mixing adds up to more than one would have lost that had seen all. */
    Hedged plus(Hedged other) {
      return new Hedged(losses.plus(other.losses), gap + other.gap);
    }

    /** For fewer than two arms there is nothing to learn, and any rate will do. */
    Exponential potential(int arms) {
      return potential(arms, gap);
    }

    static Exponential potential(int arms, double gap) {
      return new Exponential(Shares.log(Math.max(arms, 2)) / gap);
    }
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
  public Sharing<Hedged> sharing() {
    return new Sharing.Folded<>(Hedged::plus);
  }

  @Override
  public Class<Hedged> stateType() {
    return Hedged.class;
  }

  @Override
  public Hedged start() {
    return new Hedged(RelativeLosses.NONE, 0);
  }

  @Override
  public Hedged admit(Hedged state, List<ModelId> peers, List<Prior> newcomers) {
    return new Hedged(state.losses().admit(peers, newcomers, state.potential(peers.size() + newcomers.size())), state.gap());
  }

  @Override
  public double[] weights(Hedged state, List<ModelId> candidates, boolean[] young) {
    return Shares.capped(state.potential(candidates.size()).weights(state.losses().losses().valuesOf(candidates)), young);
  }

  @Override
  public Hedged observe(Hedged state, Observation observation) {
    int arms = observation.candidates().size();
    if (arms < 2 || observation.judged().isEmpty()) {
      return state;
    }
    int[] awake = state.losses().losses().indexesOf(observation.candidates());
    double[] scores = state.losses().losses().valuesAt(awake);
    Exponential now = state.potential(arms);
    double[] powers = now.powers(scores);
    double own = now.own(scores, powers);
    double[] weights = Shares.scaled(powers);
    double[] lost = Shares.estimates(observation);
    double hedgeLoss = 0;
    for (int i = 0; i < arms; i++) {
      hedgeLoss += weights[i] * lost[i];
      scores[i] += lost[i];
    }
    double mixed = now.own(scores);
    double gap = state.gap() + Math.max(0, hedgeLoss - (mixed - own));
    // once one model leads, mixing costs less than the gap's last digit, and the rate stays as it is
    double next = gap == state.gap() ? mixed : Hedged.potential(arms, gap).own(scores);
    return new Hedged(state.losses().after(awake, scores, next - own), gap);
  }
}
