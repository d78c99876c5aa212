package io.clipper.application;

import io.clipper.model.ModelId;
import io.clipper.selection.Learner;
import io.clipper.selection.Standing;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/** What an application has learned, for people to read. */
public record LearnedState(String policy, long observations, List<CandidateState> candidates) {
  /**
   * @param weight its share of the choice or of the vote, 0..1
   * @param meanLoss empty before its first observation
   */
  public record CandidateState(ModelId model, double weight, long observations, OptionalDouble meanLoss) {}

  static LearnedState of(Learner learner, List<ModelId> candidates) {
    Map<ModelId, Double> weights = candidates.isEmpty() ? Map.of() : learner.weights(candidates);
    List<CandidateState> states = new ArrayList<>(candidates.size());
    for (ModelId model : candidates) {
      Optional<Standing> standing = learner.standing(model);
      long observations = standing.map(Standing::observations).orElse(0L);
      OptionalDouble meanLoss = standing.map(Standing::meanLoss).orElseGet(OptionalDouble::empty);
      states.add(new CandidateState(model, weights.getOrDefault(model, 0.0), observations, meanLoss));
    }
    return new LearnedState(learner.settings().name(), learner.observations(), states);
  }

  public LearnedState {
    candidates = List.copyOf(candidates);
  }
}
