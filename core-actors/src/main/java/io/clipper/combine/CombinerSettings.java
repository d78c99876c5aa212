package io.clipper.combine;

import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * A combiner by its name, and its options by theirs. An option that is not set has the combiner's default.
 *
 * @param numbers whether answers are numbers to come near to, rather than classes to hit
 */
public record CombinerSettings(String name, Map<String, Double> options, boolean numbers) {
  /** Throws {@link IllegalArgumentException} that lists what there is for an unknown name or option, or a value outside its range. */
  public CombinerSettings {
    options = Collections.unmodifiableMap(new TreeMap<>(options));
    Combiners.check(name, options);
  }

  public CombinerSettings(String name, boolean numbers) {
    this(name, Map.of(), numbers);
  }

  /** What an application set, else {@code weighted-vote}; its loss says whether its answers are numbers. */
  public static CombinerSettings of(Optional<String> name, Map<String, Double> options, boolean numbers) {
    return new CombinerSettings(name.orElse(WeightedVote.NAME), options, numbers);
  }

  double option(String option, double standard) {
    return options.getOrDefault(option, standard);
  }
}
