package io.clipper.node.replay;

import io.clipper.model.ModelId;
import io.clipper.selection.Learner;
import io.clipper.selection.Observation;
import io.clipper.selection.PolicySettings;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The learners of one policy as a node keeps them: the application's own, which everything teaches, and one for each context that was
 * taught, which starts from what the application knew then and goes on by itself.
 */
final class Streams {
  private final Map<String, Learner> contexts = new HashMap<>();
  private Learner learner;

  Streams(PolicySettings policy, List<ModelId> models) {
    learner = Learner.start(policy).admit(models, Map.of());
  }

  /** What a query goes by. */
  Learner of(Optional<String> context) {
    if (context.isEmpty()) {
      return learner;
    }
    Learner own = contexts.get(context.get());
    return own == null ? learner.contextLearner() : own;
  }

  void observe(Optional<String> context, Observation observation) {
    learner = learner.observe(observation);
    context.ifPresent(name -> contexts.put(name, of(context).observe(observation)));
  }

  Learner application() {
    return learner;
  }
}
