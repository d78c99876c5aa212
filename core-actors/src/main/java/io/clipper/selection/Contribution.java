package io.clipper.selection;

import io.clipper.model.ModelId;
import java.util.List;

/**
 * What one of an application's partitions has learned from its own observations, and from nothing else: what it tells the others. An
 * immutable value; the one of the higher revision tells all that the other did.
 *
 * @param learner of which nothing was believed when it started, so that what is believed is not told by each partition once more
 * @param lost since the partition began, whatever the policy
 * @param revision grows with each change
 */
public record Contribution(Learner learner, LossSums lost, long revision) {
  public static Contribution start(PolicySettings settings) {
    return new Contribution(Learner.start(settings), LossSums.NONE, 0);
  }

  /** With candidates in it that it does not know. */
  @SuppressWarnings("ReferenceEquality") // both stay what they are where there is nobody to admit, and comparing them would cost
  public Contribution admit(List<ModelId> candidates) {
    Learner knowing = learner.admitUnjudged(candidates);
    LossSums more = lost.admit(candidates);
    return knowing == learner && more == lost ? this : new Contribution(knowing, more, revision + 1);
  }

  public Contribution observe(Observation observation) {
    Contribution knowing = admit(observation.candidates());
    if (observation.judged().isEmpty()) {
      return knowing;
    }
    return new Contribution(knowing.learner.observe(observation), knowing.lost.observe(observation), knowing.revision + 1);
  }

  public Contribution withPolicy(PolicySettings settings) {
    return settings.equals(learner.settings()) ? this : new Contribution(learner.withPolicy(settings), lost, revision + 1);
  }

  /** Without a version of which nothing is to be known any more. */
  public Contribution forget(ModelId model) {
    return new Contribution(learner.forget(model), lost.without(model), revision + 1);
  }

  /** Only what it says of these models. */
  public Contribution of(List<ModelId> models) {
    Contribution rest = this;
    for (Standing standing : learner.standings()) {
      if (!models.contains(standing.model())) {
        rest = new Contribution(rest.learner.forget(standing.model()), rest.lost.without(standing.model()), revision);
      }
    }
    return rest;
  }
}
