package io.clipper.selection;

import io.clipper.model.ModelId;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The probabilities of a rule that draws and has no formula for them. They are counted in a sample when somebody first asks, from the
 * immutable state that chose, which is let go after that: a query is answered without them, and whoever logs it works them out. Any thread
 * may ask, and all hear the same.
 */
public final class Estimate {
  private final List<ModelId> candidates;
  private final Features features;
  private final double shadow;
  private @Nullable Learner learner;
  private Map<ModelId, Double> weights = Map.of();

  /** @param shadow the share of queries, 0..1, that asks all candidates for learning's sake */
  Estimate(Learner learner, List<ModelId> candidates, Features features, double shadow) {
    this.learner = learner;
    this.candidates = candidates;
    this.features = features;
    this.shadow = shadow;
  }

  /** Of that candidate's being played, above 0. */
  public double ofPlaying(ModelId model) {
    return weights().getOrDefault(model, 0.0);
  }

  /** Of that candidate's being observed, played or not, above 0. */
  public double ofObserving(ModelId model) {
    return Asking.observed(ofPlaying(model), shadow);
  }

  private synchronized Map<ModelId, Double> weights() {
    if (learner != null) {
      weights = learner.weights(candidates, features);
      learner = null;
    }
    return weights;
  }
}
