package io.clipper.catalog;

import java.util.Map;
import java.util.Optional;

/**
 * How an application chooses, combines and judges. Policies, combiners and losses go by their kebab-case names.
 *
 * @param policy empty: {@code single} for at most one linked model, else {@code fixed-share}
 * @param policyOptions numbers by name, such as {@code eta}
 * @param confidence {@code agreement}, {@code probability} or {@code weighted}; empty: by the number of models asked
 * @param confidenceThreshold below it the answer is the default
 * @param tolerance how near two numbers must be to agree
 * @param onOverload {@code default} or {@code refuse}
 * @param partitions {@code one} or {@code every-node}
 * @param shadow the share of queries, 0..1, that asks all candidates for learning's sake
 * @param missingLoss the loss of a model that was asked and gave nothing, 0..1
 * @param lateLoss the share of a late model's loss that is its lateness, 0..1
 * @param maxAsked the most models one query asks
 */
public record LearningSettings(
    Optional<String> policy,
    Map<String, Double> policyOptions,
    Optional<String> combiner,
    String loss,
    Optional<String> confidence,
    Optional<Double> confidenceThreshold,
    double tolerance,
    String onOverload,
    String partitions,
    double shadow,
    double missingLoss,
    double lateLoss,
    int maxAsked) {
  public static final LearningSettings DEFAULT =
      new LearningSettings(
          Optional.empty(), Map.of(), Optional.empty(), "zero-one", Optional.empty(), Optional.empty(), 0, "default", "one", 0, 1, 0.5, 8);

  public LearningSettings {
    policyOptions = Map.copyOf(policyOptions);
  }
}
