package io.clipper.node.demo;

import java.util.List;
import java.util.Map;

/**
 * What the show proves, as shares of 1.
 *
 * @param before accuracy of the learning application before the fault
 * @param learnedAfter its accuracy once it had time to notice
 * @param uniformAfter accuracy of the one that weighs all alike, on the same digits
 * @param badWeights each bad version's weight when that time was over
 * @param restoredWeights each restored version's largest weight since the rollback
 */
public record Verdict(
    double before, double learnedAfter, double uniformAfter, Map<String, Double> badWeights, Map<String, Double> restoredWeights) {
  private static final double AHEAD = 0.10;
  private static final double NEAR = 0.03;
  private static final double TRUSTED = 0.05;
  /** Accuracies are counts of some hundred digits: a bar that is met exactly must not fail for rounding. */
  private static final double ROUNDING = 1e-9;

  /** One promise, and whether it was kept. */
  public record Bar(String promise, boolean met) {}

  public Verdict {
    badWeights = Map.copyOf(badWeights);
    restoredWeights = Map.copyOf(restoredWeights);
  }

  public List<Bar> bars() {
    return List.of(
        new Bar("after the fault digits is at least 10 points above digits-uniform", learnedAfter - uniformAfter >= AHEAD - ROUNDING),
        new Bar("after the fault digits is within 3 points of before", learnedAfter >= before - NEAR - ROUNDING),
        new Bar("each bad version's weight is below 5 % once it is noticed", badWeights.values().stream().allMatch(w -> w < TRUSTED)),
        new Bar("rollback brings each model back above 5 %", restoredWeights.values().stream().allMatch(w -> w > TRUSTED)));
  }

  public boolean met() {
    return bars().stream().allMatch(Bar::met);
  }
}
