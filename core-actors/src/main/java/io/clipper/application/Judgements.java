package io.clipper.application;

import io.clipper.catalog.LearningSettings;
import io.clipper.feedback.Loss;
import io.clipper.feedback.LoggedQuery;
import io.clipper.feedback.LoggedQuery.Asked;
import io.clipper.feedback.LoggedQuery.Gave;
import io.clipper.feedback.LoggedQuery.Missing;
import io.clipper.feedback.LoggedQuery.NotAdmitted;
import io.clipper.selection.Observation;
import io.clipper.selection.Observation.Judged;
import java.util.ArrayList;
import java.util.List;

/**
 * What a piece of feedback says of each model. A label judges all that were asked: by their own loss, a late one by
 * {@code late_loss + (1 − late_loss) · own loss}, one that gave nothing by {@code missing_loss}. A reward or a loss judges the model whose
 * answer was given, the heaviest of them where several gave it.
 */
final class Judgements {
  private Judgements() {}

  /** Throws {@link IllegalArgumentException} where the label does not suit the application's loss. */
  static Lesson lesson(LoggedQuery query, Feedback feedback, LearningSettings settings) {
    List<Judged> judged =
        switch (feedback.judgement()) {
          case Feedback.Label label -> byLabel(query, label.label(), settings);
          case Feedback.Reward reward -> ofWinner(query, 1 - reward.reward());
          case Feedback.Loss loss -> ofWinner(query, loss.loss());
        };
    return new Lesson(
        query.queryId(), query.context().or(feedback::context), feedback.feedbackId(), new Observation(judged, query.candidates()));
  }

  private static List<Judged> byLabel(LoggedQuery query, String label, LearningSettings settings) {
    Loss loss = Loss.named(settings.loss());
    List<Judged> judged = new ArrayList<>(query.asked().size());
    for (Asked asked : query.asked()) {
      switch (asked.outcome()) {
        case Gave gave -> {
          double own = loss.of(gave.output(), label);
          judged.add(new Judged(asked.model(), gave.late() ? settings.lateLoss() + (1 - settings.lateLoss()) * own : own, asked.probability()));
        }
        case Missing missing -> judged.add(new Judged(asked.model(), settings.missingLoss(), asked.probability()));
        case NotAdmitted notAdmitted -> {}
      }
    }
    return judged;
  }

  private static List<Judged> ofWinner(LoggedQuery query, double loss) {
    if (query.winners().isEmpty()) {
      return List.of();
    }
    return query.asked().stream()
        .filter(asked -> asked.model().equals(query.winners().getFirst()))
        .map(asked -> new Judged(asked.model(), loss, asked.probability()))
        .toList();
  }
}
