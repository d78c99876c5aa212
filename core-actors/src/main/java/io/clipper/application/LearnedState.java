package io.clipper.application;

import io.clipper.change.Changed;
import io.clipper.model.ModelId;
import io.clipper.selection.Contribution;
import io.clipper.selection.Learner;
import io.clipper.selection.Standing;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * What an application has learned, for people to read.
 *
 * @param partitions those that are known where this was asked; empty where there is but one
 */
public record LearnedState(
    String policy,
    long observations,
    List<CandidateState> candidates,
    Optional<Assured> assured,
    List<Changed> changes,
    List<PartitionState> partitions) {
  /**
   * One of several that learn for an application.
   *
   * @param node where it ran when it told last
   * @param observations its own
   */
  public record PartitionState(int partition, String node, long observations) {
    static PartitionState of(int partition, String node, Optional<Contribution> own) {
      return new PartitionState(partition, node, own.map(told -> told.learner().observations()).orElse(0L));
    }
  }

  /**
   * @param weight its share of the choice or of the vote, 0..1
   * @param meanLoss empty before its first observation
   */
  public record CandidateState(ModelId model, double weight, long observations, OptionalDouble meanLoss) {}

  /**
   * What answers promised, and how it was kept. Coverage and sizes are of calibrated promises.
   *
   * @param wanted the coverage; empty where answers carry no set
   * @param coverage the share of labels that were in what was issued for them
   * @param least the coverage promised on average is above this at all times at once, with 97.5 %
   * @param most and below this
   * @param meanSize classes in a set or width of an interval, over those that were bounded
   * @param unbounded how many were not
   * @param labels used
   * @param labelled the share of queries that got a label, since the loop started
   */
  public record Assured(
      OptionalDouble wanted,
      OptionalDouble coverage,
      double least,
      double most,
      OptionalDouble meanSize,
      long unbounded,
      long labels,
      OptionalDouble labelled) {}

  static LearnedState of(
      Learner learner, List<ModelId> candidates, Optional<Assured> assured, List<Changed> changes, List<PartitionState> partitions) {
    Map<ModelId, Double> weights = candidates.isEmpty() ? Map.of() : learner.weights(candidates);
    List<CandidateState> states = new ArrayList<>(candidates.size());
    for (ModelId model : candidates) {
      Optional<Standing> standing = learner.standing(model);
      long observations = standing.map(Standing::observations).orElse(0L);
      OptionalDouble meanLoss = standing.map(Standing::meanLoss).orElseGet(OptionalDouble::empty);
      states.add(new CandidateState(model, weights.getOrDefault(model, 0.0), observations, meanLoss));
    }
    return new LearnedState(learner.settings().name(), learner.observations(), states, assured, changes, partitions);
  }

  /** Of an application with one partition, whose labels teach whom to choose and nothing besides. */
  public LearnedState(String policy, long observations, List<CandidateState> candidates) {
    this(policy, observations, candidates, Optional.empty(), List.of(), List.of());
  }

  public LearnedState {
    candidates = List.copyOf(candidates);
    changes = List.copyOf(changes);
    partitions = List.copyOf(partitions);
  }
}
