package io.clipper.combine;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/** What stands behind the confidence of an answer. */
public enum Confidence {
  /** The models asked that gave the answer, of the models asked. */
  AGREEMENT,
  /** The combined probability of the answer's class, times the share of the weight asked that arrived. */
  PROBABILITY,
  /** The weight of those that gave the answer, of the weight asked. */
  WEIGHTED;

  /** As settings write it. */
  public String settingName() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Throws {@link IllegalArgumentException} with the names there are. */
  public static Confidence named(String setting) {
    for (Confidence confidence : values()) {
      if (confidence.settingName().equals(setting)) {
        return confidence;
      }
    }
    throw new IllegalArgumentException(
        "confidence '%s' is not one of %s"
            .formatted(setting, Arrays.stream(values()).map(Confidence::settingName).collect(Collectors.joining(", "))));
  }

  /**
   * Whether a query that asks so many models can say anything under a setting: one model always agrees with itself. A threshold on an
   * application where nothing can be said is refused.
   *
   * @param asked the models that one query asks: 1 for a policy that plays, however many candidates it has
   * @param probabilities whether the models return class probabilities
   */
  public static boolean canBeSaid(Optional<Confidence> setting, int asked, boolean probabilities) {
    return switch (orDefault(setting, asked)) {
      case AGREEMENT, WEIGHTED -> asked >= 2;
      case PROBABILITY -> probabilities;
    };
  }

  /** Where nothing is set, the agreement of several models, or the probability that one returns. */
  static Confidence orDefault(Optional<Confidence> setting, int asked) {
    return setting.orElse(asked >= 2 ? AGREEMENT : PROBABILITY);
  }
}
