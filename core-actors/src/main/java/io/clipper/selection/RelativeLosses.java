package io.clipper.selection;

import io.clipper.model.ModelId;
import java.util.List;

/**
 * What policies with a {@link Potential} remember: each model's sum of estimated losses less what the policy itself has lost while that
 * model was a candidate.
 *
 * @param rounds how many observations compared at least two candidates
 */
record RelativeLosses(Scores losses, long rounds) implements PolicyState {
  static final RelativeLosses NONE = new RelativeLosses(Scores.NONE, 0);

  /*
   * Candidates come and go: versions are rolled out and back, models are linked and unlinked. They are specialists that sleep [1, 2, 3].
   *
   * Let A be the candidates of an observation, R_i model i's score, and
   *
   *   F(A, η, R) = −(1/η) ln( (1/|A|) Σ_{i∈A} exp(−η R_i) )
   *
   * the policy's own score on A: a soft minimum, between the least R_i and their mean. The observation gives R_i += l_i for i in A, where
   * l_i is the estimated loss, and then takes one number from all of A, so that F(A, η', R') = F(A, η, R), with η' the next learning rate.
   * That number is the policy's mix loss on A. So
   *
   *   - while the candidates stay the same, nothing but a common constant was taken away: the weights exp(−η R_i) / Σ_A are those of Exp3
   *     or Hedge over plain sums of losses;
   *   - a model outside A is charged what the policy lost, which is to say that its R_i − F stays. By sleeping it neither gains nor loses:
   *     when it returns, its weight against all of A is exp(−η (R_i − F)) / |A|, as when it left but for the learning rate, which has
   *     shrunk for all;
   *   - a newcomer slept until now, and starts at R = F(peers) + what it is believed to lose more than they: with nothing believed it has
   *     the mean weight of its peers, however long they have run and however good those were that it replaces;
   *   - the scores stay near 0 however many observations there are: the best is within ln|A|/η of F, which does not move.
   *
   * [1] Freund, Schapire, Singer, Warmuth: Using and combining predictors that specialize. STOC 1997.
   * [2] Chernov, Vovk: Prediction with expert evaluators' advice. ALT 2009.
   * [3] Koolen, Adamskiy, Warmuth: Putting Bayes to sleep. NIPS 2012.
   */

  @Override
  public boolean knows(List<ModelId> models) {
    return losses.knows(models);
  }

  @Override
  public RelativeLosses without(ModelId model) {
    return new RelativeLosses(losses.without(model), rounds);
  }

  /** The potential is the one by which the peers and the newcomers will be weighed. */
  RelativeLosses admit(List<ModelId> peers, List<Prior> newcomers, Potential potential) {
    double own = losses.size() == 0 ? 0 : potential.own(losses.ofPeers(peers));
    Scores more = losses;
    for (Prior prior : newcomers) {
      more = more.with(prior.model(), own + prior.excessLoss());
    }
    return new RelativeLosses(more, rounds);
  }

  /**
   * After a round.
   *
   * @param awake where its candidates are
   * @param scores theirs, with what they lost in it
   * @param mixLoss what the policy lost in it
   */
  RelativeLosses after(int[] awake, double[] scores, double mixLoss) {
    double[] next = losses.values();
    for (int i = 0; i < awake.length; i++) {
      next[awake[i]] = scores[i] - mixLoss;
    }
    return new RelativeLosses(losses.withValues(next), rounds + 1);
  }

  /** The sums of two that share no observation: the policy's own score is 0 in each, so that it is in the sum, but for its rate. */
  RelativeLosses plus(RelativeLosses other) {
    return new RelativeLosses(losses.plus(other.losses, 1), rounds + other.rounds);
  }
}
