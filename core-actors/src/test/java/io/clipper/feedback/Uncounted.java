package io.clipper.feedback;

import io.clipper.feedback.LoggedQuery.Asked;
import io.clipper.feedback.LoggedQuery.Gave;
import io.clipper.feedback.LoggedQuery.Played;
import io.clipper.model.ModelId;
import io.clipper.model.Output;
import io.clipper.selection.Features;
import io.clipper.selection.Learner;
import io.clipper.selection.PolicySettings;
import io.clipper.selection.Selection;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/** Queries of Thompson sampling over two models of which nothing is known, as they are logged: their probabilities are still to be counted. */
final class Uncounted {
  private static final List<ModelId> MODELS = List.of(new ModelId("a", "1"), new ModelId("b", "1"));

  private Uncounted() {}

  static LoggedQuery query(long queryId) {
    Selection selection = Learner.start(new PolicySettings("thompson")).select(MODELS, 8, new Random(queryId));
    ModelId played = selection.played().orElseThrow();
    return new LoggedQuery(
        "digits",
        queryId,
        Optional.empty(),
        List.of(new Asked(played, 1, new Gave(Output.of("3"), false))),
        Optional.of(new Played(played, 1)),
        List.of(played),
        MODELS,
        Features.NONE,
        selection.propensity(),
        Optional.empty(),
        selection.estimate());
  }
}
