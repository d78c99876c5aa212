package io.clipper.node.replay;

import io.clipper.model.ModelId;
import io.clipper.selection.PolicySettings;
import java.util.List;

/**
 * How one policy did.
 *
 * @param policy with its options
 * @param meanLoss of its answers; a query without one loses as a missing model does
 * @param regret its sum of losses above that of the model that was best in the end
 * @param unanswered queries that nobody it asked had answered
 * @param asked models a query, on average
 * @param moments along the way, the last at the end
 */
public record Course(
    PolicySettings policy, double meanLoss, double regret, long unanswered, double asked, List<ModelId> models, List<Moment> moments) {
  /**
   * After so many queries.
   *
   * @param meanLoss so far
   * @param regret so far, above the model that is best in the end
   * @param weights of the models, in their order, by what the application has learned
   */
  public record Moment(long queries, double meanLoss, double regret, List<Double> weights) {
    public Moment {
      weights = List.copyOf(weights);
    }
  }

  public Course {
    models = List.copyOf(models);
    moments = List.copyOf(moments);
  }
}
