package io.clipper.application;

import io.clipper.catalog.Application;
import io.clipper.catalog.ApplicationRules;
import io.clipper.catalog.LearningSettings;
import io.clipper.combine.Combiner;
import io.clipper.combine.CombinerSettings;
import io.clipper.combine.Confidence;
import io.clipper.combine.LearnedCombiner;
import io.clipper.feedback.Loss;
import io.clipper.selection.Policies;
import io.clipper.selection.PolicySettings;
import java.util.Optional;

/**
 * Refuses an application whose policy, combiner, loss or confidence is not among those there are, or whose threshold asks for
 * a confidence that no query can have.
 */
public final class KnownRules implements ApplicationRules {
  @Override
  public void check(Application application) {
    LearningSettings learning = application.learning();
    PolicySettings policy = PolicySettings.of(learning, application.models().size());
    Combiner combiner = LearnedCombiner.start(combiner(learning)).combiner();
    Optional<Confidence> confidence = learning.confidence().map(Confidence::named);
    if (learning.confidenceThreshold().isPresent() && !application.models().isEmpty()) {
      int asked = Policies.of(policy).plays() ? 1 : Math.min(application.models().size(), learning.maxAsked());
      // Whether models return probabilities shows only when they answer, so that much is believed of them.
      if (!combiner.canSay(confidence, asked, true)) {
        throw new IllegalArgumentException(
            "confidence_threshold %s: with policy '%s' a query asks %d of %d models, and confidence '%s' of so many cannot be said"
                .formatted(
                    learning.confidenceThreshold().get(),
                    policy.name(),
                    asked,
                    application.models().size(),
                    confidence.map(Confidence::settingName).orElse("by default")));
      }
    }
  }

  /** The combiner that an application set, for the kind of answers that its loss judges. */
  static CombinerSettings combiner(LearningSettings learning) {
    boolean numbers = Loss.named(learning.loss()).isOfNumbers();
    return CombinerSettings.of(learning.combiner(), learning.combinerOptions(), numbers);
  }
}
