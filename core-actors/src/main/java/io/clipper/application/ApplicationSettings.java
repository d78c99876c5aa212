package io.clipper.application;

import com.typesafe.config.Config;
import java.time.Duration;

/**
 * How queries are kept on time.
 *
 * @param answerLead how long before its deadline a query is answered with what has come, at least ({@link AnswerLead})
 * @param deadlineGrace how long after the deadline a loop's own answer is still waited for before the default goes out
 * @param lateWindow how long after the deadline a late model's answer still counts as an observation
 * @param feedbackBudget how long models may take that are asked for the sake of feedback
 * @param ledgerTimeout how long the ledger may be silent before feedback is refused
 * @param recoveryTimeout how long a loop waits for its ledger before it predicts without what was learned
 * @param silencesUntilBenched how many asks in a row without an answer put a model on the bench
 */
public record ApplicationSettings(
    Duration answerLead,
    Duration deadlineGrace,
    Duration lateWindow,
    Duration feedbackBudget,
    Duration ledgerTimeout,
    Duration recoveryTimeout,
    int silencesUntilBenched) {
  /** Reads {@code clipper.application}. */
  public static ApplicationSettings of(Config config) {
    Config application = config.getConfig("clipper.application");
    return new ApplicationSettings(
        application.getDuration("answer-lead"),
        application.getDuration("deadline-grace"),
        application.getDuration("late-window"),
        application.getDuration("feedback-budget"),
        application.getDuration("ledger-timeout"),
        application.getDuration("recovery-timeout"),
        application.getInt("silences-until-benched"));
  }
}
