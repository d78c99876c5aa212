package io.clipper.application;

import io.clipper.model.ModelId;
import java.util.List;
import java.util.OptionalDouble;

/** What an application has learned, for people to read. */
public record LearnedState(String policy, long observations, List<CandidateState> candidates) {
  /**
   * @param weight its share of the choice or of the vote, 0..1
   * @param meanLoss empty before its first observation
   */
  public record CandidateState(ModelId model, double weight, long observations, OptionalDouble meanLoss) {}

  public LearnedState {
    candidates = List.copyOf(candidates);
  }
}
