package io.clipper.catalog;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * How an application chooses, combines and judges. Policies, combiners and losses go by their kebab-case names.
 *
 * @param policy empty: {@code single} for at most one linked model, else {@code fixed-share}
 * @param policyOptions numbers by name, such as {@code eta}
 * @param combinerOptions numbers by name, such as {@code forgetting}
 * @param confidence {@code agreement}, {@code probability} or {@code weighted}; empty: by the number of models asked
 * @param confidenceThreshold below it the answer is the default
 * @param tolerance how near two numbers must be to agree
 * @param onOverload {@code default} or {@code refuse}
 * @param partitions {@code one}, or {@code every-node}: each node that keeps state has some of them, which tell each other what they learn
 * @param shadow the share of queries, 0..1, that asks all candidates for learning's sake
 * @param missingLoss the loss of a model that was asked and gave nothing, 0..1
 * @param lateLoss the share of a late model's loss that is its lateness, 0..1
 * @param maxAsked the most models one query asks
 * @param certainty the sets or intervals that answers carry, and what watches the models
 */
public record LearningSettings(
    Optional<String> policy,
    Map<String, Double> policyOptions,
    Optional<String> combiner,
    Map<String, Double> combinerOptions,
    String loss,
    Optional<String> confidence,
    Optional<Double> confidenceThreshold,
    double tolerance,
    String onOverload,
    String partitions,
    double shadow,
    double missingLoss,
    double lateLoss,
    int maxAsked,
    CertaintySettings certainty) {
  private static final List<String> CONFIDENCES = List.of("agreement", "probability", "weighted");
  private static final List<String> ON_OVERLOAD = List.of("default", "refuse");
  private static final List<String> PARTITIONS = List.of("one", "every-node");

  public static final LearningSettings DEFAULT =
      new LearningSettings(
          Optional.empty(),
          Map.of(),
          Optional.empty(),
          Map.of(),
          "zero-one",
          Optional.empty(),
          Optional.empty(),
          0,
          "default",
          "one",
          0,
          1,
          0.5,
          8,
          CertaintySettings.DEFAULT);

  public LearningSettings {
    policyOptions = Map.copyOf(policyOptions);
    combinerOptions = Map.copyOf(combinerOptions);
  }

  /** Throws {@link IllegalArgumentException} that names the setting, what it is and what it may be. */
  void check() {
    confidence.ifPresent(name -> oneOf("confidence", name, CONFIDENCES));
    oneOf("on_overload", onOverload, ON_OVERLOAD);
    oneOf("partitions", partitions, PARTITIONS);
    confidenceThreshold.ifPresent(threshold -> share("confidence_threshold", threshold));
    share("shadow", shadow);
    share("missing_loss", missingLoss);
    share("late_loss", lateLoss);
    if (!(tolerance >= 0 && tolerance < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException("tolerance %s is not a number from 0 up".formatted(tolerance));
    }
    if (maxAsked < 1) {
      throw new IllegalArgumentException("max_asked %d is below 1".formatted(maxAsked));
    }
    certainty.check();
    finite("policy", policyOptions);
    finite("combiner", combinerOptions);
  }

  private static void finite(String of, Map<String, Double> options) {
    options.forEach(
        (name, value) -> {
          if (!Double.isFinite(value)) {
            throw new IllegalArgumentException("%s option '%s' is %s, not a finite number".formatted(of, name, value));
          }
        });
  }

  private static void share(String setting, double value) {
    if (!(value >= 0 && value <= 1)) {
      throw new IllegalArgumentException("%s %s is outside 0..1".formatted(setting, value));
    }
  }

  static void oneOf(String setting, String value, List<String> names) {
    if (!names.contains(value)) {
      throw new IllegalArgumentException("%s '%s' is not one of %s".formatted(setting, value, String.join(", ", names)));
    }
  }
}
