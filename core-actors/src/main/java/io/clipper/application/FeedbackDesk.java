package io.clipper.application;

import io.clipper.Refused;
import io.clipper.Refused.Reason;
import io.clipper.application.ApplicationActor.Found;
import io.clipper.application.ApplicationActor.NotSearched;
import io.clipper.application.ApplicationActor.Observe;
import io.clipper.feedback.JoinWindow;
import io.clipper.feedback.LoggedQuery;
import io.clipper.feedback.PredictionLog;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.pattern.StatusReply;

/**
 * The feedback of one loop: finds the query that each piece is about, among the latest or in the log, judges its models, and hands the
 * lesson to the ledger. Only its loop calls it.
 */
final class FeedbackDesk {
  private final ActorContext<ApplicationActor.Command> context;
  private final String name;
  private final Roster roster;
  private final QueryDesk queries;
  private final ContextDesk contexts;
  private final LedgerLink ledger;
  private final PredictionLog log;
  private final JoinWindow window;
  /** Those whose queries are looked for in the log. */
  private final Set<Observe> searching = new HashSet<>();

  FeedbackDesk(
      ActorContext<ApplicationActor.Command> context,
      ServingParts parts,
      String name,
      Roster roster,
      QueryDesk queries,
      ContextDesk contexts,
      LedgerLink ledger) {
    this.context = context;
    this.name = name;
    this.roster = roster;
    this.queries = queries;
    this.contexts = contexts;
    this.ledger = ledger;
    this.log = parts.log().orElseThrow();
    this.window = log.window();
  }

  void observe(Observe observe) {
    roster.refresh();
    if (roster.application().isEmpty()) {
      observe.replyTo().tell(StatusReply.error(new Refused(Reason.NOT_FOUND, "No app with name %s exists.".formatted(name))));
      return;
    }
    if (!ledger.isAnswering()) {
      // Before its query is looked for: in a database that is gone with the ledger, that takes longer than whoever asks may wait.
      observe.replyTo().tell(StatusReply.error(LedgerLink.doesNotAnswer()));
      return;
    }
    switch (observe.feedback().target()) {
      case Feedback.OfQuery ofQuery -> observeQuery(observe, ofQuery.queryId());
      case Feedback.OfInput ofInput -> queries.askEveryone(roster.application().get(), ofInput.input(), observe);
    }
  }

  /** Nothing more is expected of the query: it is kept for whoever judges it later, and the feedback that waited for it is judged. */
  void settled(PendingQuery query) {
    LoggedQuery logged = query.logged();
    if (!query.isForFeedback()) {
      window.add(logged);
      log.append(logged);
    }
    query.feedback.forEach(observe -> judge(observe, Optional.of(logged.known())));
  }

  void found(Found found) {
    searching.remove(found.observe());
    judge(found.observe(), found.query());
  }

  void notSearched(NotSearched failed) {
    searching.remove(failed.observe());
    refuse(failed.observe(), Reason.UNAVAILABLE, String.valueOf(failed.cause().getMessage()));
  }

  /** What is found from now on is judged by nobody: whoever waits for it is told at once. */
  void findNoMore(Refused why) {
    searching.forEach(observe -> observe.replyTo().tell(StatusReply.error(why)));
    searching.clear();
  }

  private void observeQuery(Observe observe, long queryId) {
    PendingQuery query = queries.find(queryId);
    if (query != null) {
      query.feedback.add(observe);
      return;
    }
    Optional<LoggedQuery> recent = window.find(queryId);
    if (recent.isPresent()) {
      judge(observe, recent);
    } else {
      searching.add(observe);
      context.pipeToSelf(
          log.find(name, queryId), (found, failure) -> failure == null ? new Found(observe, found) : new NotSearched(observe, failure));
    }
  }

  private void judge(Observe observe, Optional<LoggedQuery> query) {
    if (query.isEmpty() || roster.application().isEmpty()) {
      roster.meters().unmatched();
      long queryId = observe.feedback().target() instanceof Feedback.OfQuery ofQuery ? ofQuery.queryId() : 0;
      observe.replyTo().tell(StatusReply.success(new Feedback.Receipt(queryId, false, 0)));
      return;
    }
    Lesson lesson;
    try {
      lesson =
          ledger
              .ledger()
              .incarnations()
              .today(
                  Judgements.lesson(query.get(), observe.feedback(), roster.application().get().learning())
                      .with(ledger.ledger().assurance().flatMap(known -> Judgements.taught(query.get(), observe.feedback(), known))));
    } catch (IllegalArgumentException wrong) {
      refuse(observe, Reason.INVALID, String.valueOf(wrong.getMessage()));
      return;
    }
    if (lesson.observation().judged().isEmpty()) {
      observe.replyTo().tell(StatusReply.success(new Feedback.Receipt(lesson.queryId(), false, 0)));
    } else if (lesson.context().isPresent() && !contexts.hasRoom()) {
      refuse(observe, Reason.UNAVAILABLE, "the contexts' store does not answer; nothing was recorded");
    } else {
      ledger.add(lesson, observe.replyTo());
    }
  }

  private static void refuse(Observe observe, Reason reason, String message) {
    observe.replyTo().tell(StatusReply.error(new Refused(reason, message)));
  }
}
