package io.clipper.selection;

import io.clipper.model.ModelId;
import java.util.List;

/** A policy whose weights follow from sums of estimated losses by a potential that changes from round to round. */
interface LossSumPolicy extends SelectionPolicy<RelativeLosses> {
  /**
   * @param arms how many are compared, at least 2
   * @param round counted from 1
   */
  Potential potential(int arms, long round);

  @Override
  default Sharing<RelativeLosses> sharing() {
    return new Sharing.Folded<>(RelativeLosses::plus);
  }

  @Override
  default Class<RelativeLosses> stateType() {
    return RelativeLosses.class;
  }

  @Override
  default RelativeLosses start() {
    return RelativeLosses.NONE;
  }

  @Override
  default RelativeLosses admit(RelativeLosses state, List<ModelId> peers, List<Prior> newcomers) {
    return state.admit(peers, newcomers, potential(state, peers.size() + newcomers.size()));
  }

  /** The cap on the young holds here too: the draw is by capped shares, and what is stored and divided by is what was drawn with. */
  @Override
  default double[] weights(RelativeLosses state, List<ModelId> candidates, boolean[] young) {
    double[] scores = state.losses().valuesOf(candidates);
    return Shares.capped(potential(state, candidates.size()).weights(scores), young);
  }

  @Override
  default RelativeLosses observe(RelativeLosses state, Observation observation) {
    int arms = observation.candidates().size();
    if (arms < 2 || observation.judged().isEmpty()) {
      return state;
    }
    int[] awake = state.losses().indexesOf(observation.candidates());
    double[] scores = state.losses().valuesAt(awake);
    double own = potential(state, arms).own(scores);
    double[] lost = estimates(state, observation);
    for (int i = 0; i < arms; i++) {
      scores[i] += lost[i];
    }
    return state.after(awake, scores, potential(arms, state.rounds() + 2).own(scores) - own);
  }

  /** What each candidate is taken to have lost, in their order: loss ÷ probability where it was seen, else 0; in the mean, its loss. */
  default double[] estimates(RelativeLosses state, Observation observation) {
    return Shares.estimates(observation);
  }

  /** For fewer than two arms there is nothing to learn, and any potential will do. */
  private Potential potential(RelativeLosses state, int arms) {
    return potential(Math.max(arms, 2), state.rounds() + 1);
  }
}
