package io.clipper.selection;

import io.clipper.catalog.LearningSettings;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/** A policy by its name, and its options by theirs. An option that is not set has the policy's default. */
public record PolicySettings(String name, Map<String, Double> options) {
  /** Throws {@link IllegalArgumentException} that lists what there is for an unknown name or option, or a value outside its range. */
  public PolicySettings {
    options = Collections.unmodifiableMap(new TreeMap<>(options));
    Policies.check(name, options);
  }

  public PolicySettings(String name) {
    this(name, Map.of());
  }

  /** What an application set; where it set no policy, {@code single} for at most one candidate and {@code fixed-share} for more. */
  public static PolicySettings of(LearningSettings learning, int candidates) {
    String name = learning.policy().orElse(candidates > 1 ? FixedShare.NAME : Single.NAME);
    return new PolicySettings(name, learning.policyOptions());
  }

  double option(String option, double standard) {
    return options.getOrDefault(option, standard);
  }
}
