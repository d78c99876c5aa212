package io.clipper.context;

import io.clipper.model.ModelId;
import io.clipper.selection.Learner;
import io.clipper.selection.Observation;
import io.clipper.selection.Observation.Judged;
import io.clipper.selection.PolicySettings;
import io.clipper.selection.Standing;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Lessons whose sum tells which of them were learned: lesson n loses 1/n. */
final class Lessons {
  static final ModelId MODEL = new ModelId("m", "1");
  static final ModelId OTHER = new ModelId("n", "1");
  private static final List<ModelId> MODELS = List.of(MODEL, OTHER);
  private static final Learner GENERAL = Learner.start(new PolicySettings("fixed-share")).admit(MODELS, Map.of());

  private Lessons() {}

  static ContextMemory.Lesson lesson(long number) {
    Observation observation = new Observation(List.of(new Judged(MODEL, loss(number), 1), new Judged(OTHER, 0.5, 1)), MODELS);
    return before ->
        new LearnedContext(before.map(row -> row.learned().learner()).orElseGet(GENERAL::contextLearner).observe(observation));
  }

  static double loss(long number) {
    return 1.0 / number;
  }

  static double lost(Optional<ContextRow> row) {
    return row.flatMap(known -> known.learned().learner().standing(MODEL)).map(Standing::lossSum).orElse(0.0);
  }

  /** What these lessons come to, one after the other. */
  static ContextRow row(String context, long... numbers) {
    Optional<ContextRow> row = Optional.empty();
    for (long number : numbers) {
      row = Optional.of(new ContextRow(context, number, lesson(number).after(row)));
    }
    return row.orElseThrow();
  }
}
