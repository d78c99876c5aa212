package io.clipper.combine;

import java.util.Optional;

/** A rule that turns the answers that arrived into one. */
public interface Combiner {
  /** Kebab-case, as settings write it. */
  String name();

  /** Whether this rule can say anything under a setting: see {@link Confidence#canBeSaid}. */
  default boolean canSay(Optional<Confidence> setting, int asked, boolean probabilities) {
    return Confidence.canBeSaid(setting, asked, probabilities);
  }

  /** Empty where no vote arrived that this rule can use. */
  Optional<Combined> combine(Ballot ballot);
}
