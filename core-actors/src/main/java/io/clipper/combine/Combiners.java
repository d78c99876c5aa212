package io.clipper.combine;

import java.util.List;
import java.util.Optional;

/** The combiners there are, by the names that settings use. */
public final class Combiners {
  private static final List<Combiner> ALL = List.of(new WeightedVote(), new WeightedMean(), new First());

  private Combiners() {}

  public static List<String> names() {
    return ALL.stream().map(Combiner::name).toList();
  }

  /** Where none is set, {@code weighted-vote}; throws {@link IllegalArgumentException} with the names there are. */
  public static Combiner of(Optional<String> setting) {
    String name = setting.orElse(WeightedVote.NAME);
    for (Combiner combiner : ALL) {
      if (combiner.name().equals(name)) {
        return combiner;
      }
    }
    throw new IllegalArgumentException("combiner '%s' is not one of %s".formatted(name, String.join(", ", names())));
  }

  /** For a policy that draws the model whose answer is given. */
  public static Combiner ofPlayed() {
    return of(Optional.of(First.NAME));
  }
}
