package io.clipper.combine;

import java.util.Optional;

/** A rule that turns the answers that arrived into one. */
public interface Combiner {
  /** Kebab-case, as settings write it. */
  String name();

  /** Empty where no vote arrived that this rule can use. */
  Optional<Combined> combine(Ballot ballot);
}
