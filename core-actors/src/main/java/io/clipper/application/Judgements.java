package io.clipper.application;

import io.clipper.application.Lesson.Taught;
import io.clipper.catalog.LearningSettings;
import io.clipper.combine.Labelled;
import io.clipper.feedback.Judging;
import io.clipper.feedback.LoggedQuery;
import io.clipper.feedback.LoggedQuery.Asked;
import io.clipper.feedback.LoggedQuery.Gave;
import io.clipper.feedback.Loss;
import io.clipper.model.ModelId;
import io.clipper.model.Output;
import io.clipper.selection.Observation;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a piece of feedback says of a query's models. A label judges all that were asked; a reward or a loss judges the model whose answer
 * was given, the heaviest of them where several gave it. Where no model was drawn to answer, that says nothing of the others, so it is
 * kept with the model's own record and moves no weight.
 */
final class Judgements {
  private Judgements() {}

  /** Throws {@link IllegalArgumentException} where the label does not suit the application's loss. */
  static Lesson lesson(LoggedQuery query, Feedback feedback, LearningSettings settings) {
    Judging judging = new Judging(Loss.named(settings.loss()), settings.missingLoss(), settings.lateLoss());
    Observation observation =
        switch (feedback.judgement()) {
          case Feedback.Label label -> judging.byLabel(query.asked(), query.candidates(), label.label());
          case Feedback.Reward reward -> ofWinner(judging, query, 1 - reward.reward());
          case Feedback.Loss loss -> ofWinner(judging, query, loss.loss());
        };
    Optional<String> label = feedback.judgement() instanceof Feedback.Label labelled ? Optional.of(labelled.label()) : Optional.empty();
    return new Lesson(
        query.queryId(),
        query.context().or(feedback::context),
        feedback.feedbackId(),
        observation.at(query.features()),
        label,
        Optional.empty());
  }

  /** What a label teaches besides, as far as the application learns from it. */
  static Optional<Taught> taught(LoggedQuery query, Feedback feedback, Assurance assurance) {
    if (!(feedback.judgement() instanceof Feedback.Label label) || !assurance.learns()) {
      return Optional.empty();
    }
    Map<ModelId, Output> outputs = new LinkedHashMap<>();
    if (assurance.combiner().learns()) {
      for (Asked one : query.asked()) {
        if (one.outcome() instanceof Gave gave) {
          outputs.put(one.model(), gave.output());
        }
      }
    }
    Labelled said =
        outputs.isEmpty()
            ? new Labelled(List.of(), List.of(), label.label())
            : Labelled.of(outputs, label.label(), assurance.combiner().settings().numbers());
    return Optional.of(new Taught(said, query.promise()));
  }

  private static Observation ofWinner(Judging judging, LoggedQuery query, double loss) {
    if (query.winners().isEmpty()) {
      return new Observation(List.of(), query.candidates());
    }
    ModelId winner = query.winners().getFirst();
    Asked asked = query.asked().stream().filter(one -> one.model().equals(winner)).findFirst().orElseThrow();
    return query
        .played()
        .filter(played -> played.model().equals(winner))
        .map(played -> judging.ofPlayed(new Asked(winner, played.probability(), asked.outcome()), query.candidates(), loss))
        .orElseGet(() -> judging.ofPlayed(asked, List.of(winner), loss));
  }
}
