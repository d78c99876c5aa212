package io.clipper.selection;

import io.clipper.model.ModelId;
import java.util.List;

/**
 * Exponential weights that can turn round (Herbster and Warmuth, Tracking the best expert, 1998): v_i ∝ w_i exp(−η l_i), then
 * w_i = (1 − α) v_i + α/K. No weight stays below α/K, so that a model that gets better, or whose rival gets worse, is back within
 * ln(K/α)/η losses. Losses are divided by the probability of being observed.
 */
record FixedShare(double eta, double share) implements SelectionPolicy<FixedShare.LogWeights> {
  static final String NAME = "fixed-share";

  /**
   * The logarithm of each model's weight. An observation moves weight between its candidates and leaves their sum as it was, so that a
   * model that sleeps keeps its share against them all: see {@link RelativeLosses} for the argument. A newcomer has its peers' mean.
   */
  record LogWeights(Scores scores) implements PolicyState {
    @Override
    public boolean knows(List<ModelId> models) {
      return scores.knows(models);
    }

    @Override
    public LogWeights without(ModelId model) {
      return new LogWeights(scores.without(model));
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
  public Sharing<LogWeights> sharing() {
    return new Sharing.Exchanged<>(this::after);
  }

  @Override
  public Class<LogWeights> stateType() {
    return LogWeights.class;
  }

  @Override
  public LogWeights start() {
    return new LogWeights(Scores.NONE);
  }

  @Override
  public LogWeights admit(LogWeights state, List<ModelId> peers, List<Prior> newcomers) {
    Scores scores = state.scores();
    double mean = 0;
    if (scores.size() > 0) {
      double[] compared = scores.ofPeers(peers);
      mean = Shares.logSumExp(compared) - StrictMath.log(compared.length);
    }
    for (Prior prior : newcomers) {
      scores = scores.with(prior.model(), mean - eta * prior.excessLoss());
    }
    return new LogWeights(scores);
  }

  @Override
  public double[] weights(LogWeights state, List<ModelId> candidates, boolean[] young) {
    return Shares.capped(Shares.softmax(state.scores().valuesOf(candidates)), young);
  }

  @Override
  public LogWeights observe(LogWeights state, Observation observation) {
    if (observation.candidates().size() < 2 || observation.judged().isEmpty()) {
      return state;
    }
    return after(state, state.scores().indexesOf(observation.candidates()), Shares.estimates(observation), share);
  }

  /**
   * What another partition's models lost in some rounds is one loss here. As much of the weights as in those rounds is shared out before
   * it: after it, models that lost much would have a weight that they never had there.
   */
  private LogWeights after(LogWeights state, LossSums lost) {
    if (lost.rounds() == 0) {
      return state;
    }
    int[] awake = state.scores().indexesOf(lost.losses().toList().stream().map(Scores.Score::model).toList());
    double part = 1 - StrictMath.pow(1 - share, lost.rounds() - 1.0);
    return after(after(state, awake, new double[awake.length], part), awake, lost.losses().values(), share);
  }

  private LogWeights after(LogWeights state, int[] awake, double[] losses, double part) {
    double[] next = state.scores().values();
    double[] lost = state.scores().valuesAt(awake);
    double maxBefore = Shares.max(lost);
    double[] v = Shares.powers(lost, maxBefore);
    double sumBefore = maxBefore + StrictMath.log(Shares.sum(v));
    for (int i = 0; i < lost.length; i++) {
      lost[i] -= eta * losses[i];
    }
    double max = Shares.max(lost);
    for (int i = 0; i < v.length; i++) {
      // who lost nothing is as far from the best as it was, where the best is where it was
      v[i] = losses[i] == 0 && max == maxBefore ? v[i] : Shares.exp(lost[i] - max);
    }
    double sum = Shares.sum(v);
    for (int i = 0; i < v.length; i++) {
      // without a share v may be smaller than a number can say, but its logarithm is not
      double logWeight = part > 0 ? StrictMath.log((1 - part) * (v[i] / sum) + part / v.length) : lost[i] - max - StrictMath.log(sum);
      next[awake[i]] = sumBefore + logWeight;
    }
    return new LogWeights(state.scores().withValues(next));
  }
}
