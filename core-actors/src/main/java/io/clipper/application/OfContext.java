package io.clipper.application;

import io.clipper.certainty.QuantileTracker;
import java.util.Optional;

/**
 * What a query has of its context besides a learner.
 *
 * @param unread whether the context's row was not read in time, so that its prior stands in for it
 * @param tracker the context's own threshold
 */
record OfContext(boolean unread, Optional<QuantileTracker> tracker) {
  static final OfContext NONE = new OfContext(false, Optional.empty());
}
