package io.clipper.application;

import io.clipper.catalog.Application;
import io.clipper.catalog.ApplicationRules;
import io.clipper.catalog.LearningSettings;
import io.clipper.combine.Combiners;
import io.clipper.combine.Confidence;
import io.clipper.feedback.Loss;
import io.clipper.selection.PolicySettings;

/** Refuses an application whose policy, combiner, loss or confidence is not among those there are. */
final class KnownRules implements ApplicationRules {
  @Override
  public void check(Application application) {
    LearningSettings learning = application.learning();
    PolicySettings.of(learning, application.models().size());
    Combiners.of(learning.combiner());
    Loss.named(learning.loss());
    learning.confidence().ifPresent(Confidence::named);
  }
}
