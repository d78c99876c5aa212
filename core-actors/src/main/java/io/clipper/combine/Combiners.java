package io.clipper.combine;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The combiners there are, by the names that settings use, each with its options. */
public final class Combiners {
  private static final Map<String, List<Option>> OPTIONS = new LinkedHashMap<>();

  static {
    OPTIONS.put(WeightedVote.NAME, List.of());
    OPTIONS.put(WeightedMean.NAME, List.of());
    OPTIONS.put(Median.NAME, List.of());
    OPTIONS.put(First.NAME, List.of());
    OPTIONS.put(BayesianAverage.NAME, List.of(new Option("forgetting", 1)));
    OPTIONS.put(Stacking.NAME, List.of(new Option("rate", 10), new Option("forgetting", 1)));
    OPTIONS.put(MeanImputation.NAME, List.of());
  }

  private Combiners() {}

  private record Option(String name, double to) {
    boolean allows(double value) {
      return value > 0 && value <= to;
    }

    @Override
    public String toString() {
      return "%s (above 0, at most %s)".formatted(name, to);
    }
  }

  public static List<String> names() {
    return List.copyOf(OPTIONS.keySet());
  }

  /** The one that gives the answer of a model that the policy drew. */
  public static Combiner ofPlayed() {
    return new First();
  }

  /** A combiner as it is before it has learned anything; throws {@link IllegalArgumentException} with the names there are. */
  static Combiner of(String name) {
    return switch (name) {
      case WeightedVote.NAME -> new WeightedVote();
      case WeightedMean.NAME -> new WeightedMean();
      case Median.NAME -> new Median();
      case First.NAME -> new First();
      default -> throw unknown(name);
    };
  }

  static Optional<LearningCombiner<?>> learning(CombinerSettings settings) {
    return switch (settings.name()) {
      case BayesianAverage.NAME -> Optional.of(new BayesianAverage(settings.option("forgetting", 0.99), settings.numbers()));
      case Stacking.NAME -> Optional.of(Stacking.of(settings));
      case MeanImputation.NAME -> Optional.of(new MeanImputation(settings.numbers()));
      default -> Optional.empty();
    };
  }

  static void check(String name, Map<String, Double> options) {
    List<Option> allowed = OPTIONS.get(name);
    if (allowed == null) {
      throw unknown(name);
    }
    options.forEach(
        (option, value) -> {
          if (allowed.stream().noneMatch(known -> known.name().equals(option) && known.allows(value))) {
            throw new IllegalArgumentException(
                "option %s=%s of combiner '%s' is not one of %s".formatted(option, value, name, allowed));
          }
        });
  }

  private static IllegalArgumentException unknown(String name) {
    return new IllegalArgumentException("combiner '%s' is not one of %s".formatted(name, String.join(", ", OPTIONS.keySet())));
  }
}
