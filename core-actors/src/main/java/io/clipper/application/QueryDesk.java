package io.clipper.application;

import io.clipper.Refused;
import io.clipper.Refused.Reason;
import io.clipper.ReplyTo;
import io.clipper.application.ApplicationActor.DeadlinePassed;
import io.clipper.application.ApplicationActor.LateWindowPassed;
import io.clipper.application.ApplicationActor.NotServed;
import io.clipper.application.ApplicationActor.Predict;
import io.clipper.application.ApplicationActor.Predicted;
import io.clipper.application.ApplicationActor.Withdraw;
import io.clipper.application.PendingQuery.Part;
import io.clipper.cache.Known;
import io.clipper.catalog.Application;
import io.clipper.model.Input;
import io.clipper.model.ModelId;
import io.clipper.model.Output;
import io.clipper.replica.ReplicaRouterActor;
import io.clipper.selection.Features;
import io.clipper.selection.Learner;
import io.clipper.selection.Selection;
import io.clipper.selection.Selection.Choice;
import io.clipper.wire.WireSettings;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.apache.pekko.actor.typed.ActorRef;
import org.jspecify.annotations.Nullable;

/**
 * The queries of one loop: selects whom each asks, answers it when all who count have answered or at its deadline, and lets it go when
 * nothing more is expected of it. Only its loop calls it.
 */
final class QueryDesk {
  /**
   * The loop this belongs to.
   *
   * @param wire what an answer to another node may take
   */
  record Loop(
      String name,
      ActorRef<ApplicationActor.Command> self,
      ReplyTo<ReplicaRouterActor.Reply> fromModels,
      LongSupplier newQueryId,
      Consumer<PendingQuery> settled,
      WireSettings wire) {}

  /** Whoever waits for one answer. */
  private record Asker(long correlation, ReplyTo<ApplicationActor.Reply> replyTo, int limitBytes) implements PendingQuery.Asker {
    @Override
    public void answer(Prediction prediction, long heldNanos) {
      replyTo.tell(
          switch (replyTo) {
            case ReplyTo.Here<ApplicationActor.Reply> here -> new Predicted(correlation, prediction);
            case ReplyTo.There<ApplicationActor.Reply> there ->
                new Predicted(correlation, prediction.within(limitBytes), OptionalLong.of(heldNanos));
          });
    }

    /** Cheap, and of one node's askers no two are alike. */
    @Override
    public int hashCode() {
      return Long.hashCode(correlation);
    }
  }

  private final Loop loop;
  private final ServingParts parts;
  private final Roster roster;
  private final LedgerLink ledger;
  private final KnownContexts contexts;
  private final RandomGenerator random;
  private final Bench bench;
  /** By their keys, as ids that differ in the bits above alone would fall into a few of a table's buckets. */
  private final Map<Long, PendingQuery> pending = new HashMap<>();
  /** Those of which the answer is still to come. */
  private final Map<PendingQuery.Asker, PendingQuery> unanswered = new HashMap<>();
  /** Those that wait for what was learned of their contexts. */
  private final Map<Asker, ContextDesk.Waiting> waiting = new HashMap<>();
  /** The weights that the meters were told last. */
  private Map<ModelId, Double> toldShares = Map.of();

  QueryDesk(Loop loop, ServingParts parts, Roster roster, LedgerLink ledger, KnownContexts contexts, RandomGenerator random) {
    this.loop = loop;
    this.parts = parts;
    this.roster = roster;
    this.ledger = ledger;
    this.contexts = contexts;
    this.random = random;
    this.bench = new Bench(parts.settings().silencesUntilBenched());
  }

  @Nullable PendingQuery find(long queryId) {
    return pending.get(QueryIds.key(queryId));
  }

  /** At once where it is known what was learned of the query's context. */
  void predict(Predict predict) {
    Query query = predict.query();
    long arrivedNanos = parts.nanoClock().getAsLong();
    if (query.context().isEmpty() || query.version().isPresent() || !contexts.isWorthWaiting(query.context().get())) {
      ask(predict, arrivedNanos);
      return;
    }
    long readBy = parts.contextSettings().readBy(predict.deadlineNanos(), arrivedNanos);
    Asker asker = asker(predict.correlation(), predict.replyTo());
    ContextDesk.Waiting until =
        contexts.await(
            query.context().get(),
            readBy,
            read -> {
              waiting.remove(asker);
              ask(predict, arrivedNanos);
            });
    waiting.put(asker, until);
  }

  private void ask(Predict predict, long arrivedNanos) {
    roster.refresh();
    if (roster.application().isEmpty()) {
      predict.replyTo().tell(new NotServed(predict.correlation(), Reason.NOT_FOUND, "No app with name %s exists.".formatted(loop.name())));
      return;
    }
    Application asked = roster.application().get();
    Optional<String> version = predict.query().version();
    List<ModelId> named = List.of();
    try {
      named = version.isPresent() ? roster.version(asked, version.get()) : named;
    } catch (Refused refused) {
      predict.replyTo().tell(new NotServed(predict.correlation(), refused.reason(), String.valueOf(refused.getMessage())));
      return;
    }
    long queryId = loop.newQueryId().getAsLong();
    List<ModelId> models = version.isPresent() ? named : roster.candidates().of(predict.query().context(), queryId);
    if (models.isEmpty()) {
      Prediction nothing = Answer.byDefault(asked, Prediction.NO_MODELS).prediction(queryId, List.of(), false);
      predict.replyTo().tell(new Predicted(predict.correlation(), nothing));
      return;
    }
    Optional<String> of = predict.query().context();
    Features features = predict.query().features();
    Learner learner = contexts.learnerFor(of);
    Selection selection = version.isPresent() ? everyOne(models) : learner.select(models, features, asked.learning().maxAsked(), asked.learning().shadow(), random);
    PendingQuery query =
        new PendingQuery(
            queryId,
            asked,
            predict.query().input(),
            of,
            models,
            partsOf(selection, models, learner, of.isEmpty()),
            selection,
            features,
            ledger.ledger().assurance(),
            version.isPresent() ? OfContext.NONE : contexts.known(of),
            asker(predict.correlation(), predict.replyTo()));
    long answerBy = parts.lead().answerBy(predict.deadlineNanos(), parts.nanoClock().getAsLong());
    query.arrivedAt(arrivedNanos);
    query.answerBy(answerBy);
    ask(query, answerBy);
    if (query.isComplete()) {
      answer(query);
    } else {
      query.deadline(parts.deadlines().at(answerBy, () -> loop.self().tell(new DeadlinePassed(queryId))));
      unanswered.put(query.asker, query);
    }
    keepUntilSettled(query);
  }

  /** Asks every candidate for the sake of feedback on that input; nobody waits for an answer. */
  void askEveryone(Application asked, Input input, ApplicationActor.Observe observe) {
    List<ModelId> models = roster.candidates().models();
    List<Part> everyone = models.stream().map(model -> new Part(model, 1, 0, false)).toList();
    long queryId = loop.newQueryId().getAsLong();
    PendingQuery query =
        new PendingQuery(queryId, asked, input, observe.feedback().context(), models, everyone, (prediction, heldNanos) -> {});
    query.isForFeedback(observe);
    long deadline = parts.nanoClock().getAsLong() + parts.settings().feedbackBudget().toNanos();
    ask(query, deadline);
    if (!query.isSettled()) {
      query.deadline(parts.deadlines().at(deadline, () -> loop.self().tell(new LateWindowPassed(queryId))));
    }
    keepUntilSettled(query);
  }

  void fromModel(ReplicaRouterActor.Reply reply) {
    PendingQuery query = find(reply.correlation());
    boolean news =
        switch (reply) {
          case ReplicaRouterActor.Answered answered -> {
            long now = parts.nanoClock().getAsLong();
            // Who answers after the time is waited for in vain, however often it answers.
            if (query != null && query.isInTime(now)) {
              bench.answered(answered.model());
            }
            yield query != null && query.arrived(answered.model(), answered.output(), now);
          }
          case ReplicaRouterActor.Unanswered unanswered -> {
            boolean first = query != null && query.failed(unanswered.model(), unanswered.reason(), unanswered.message());
            if (first && query != null && !query.isAnswered() && unanswered.reason() != ReplicaRouterActor.Reason.OVERLOADED) {
              bench.silent(unanswered.model());
            }
            yield first;
          }
        };
    if (query == null || !news) {
      return;
    }
    if (query.isComplete() && !query.isAnswered()) {
      answer(query);
    }
    if (query.isSettled()) {
      settle(query);
    }
  }

  void deadlinePassed(long queryId) {
    PendingQuery query = find(queryId);
    if (query == null || query.isAnswered()) {
      return;
    }
    query.silentModels().forEach(bench::silent);
    answer(query);
  }

  /** What is not computed yet need not be for this one, and nobody is judged by it. */
  void withdraw(Withdraw withdraw) {
    Asker asker = asker(withdraw.correlation(), withdraw.replyTo());
    ContextDesk.Waiting forItsContext = waiting.remove(asker);
    if (forItsContext != null) {
      contexts.cancel(forItsContext);
    }
    PendingQuery query = unanswered.remove(asker);
    if (query == null) {
      return;
    }
    query.cancelDeadline();
    pending.remove(QueryIds.key(query.queryId));
    for (ModelId model : query.silentModels()) {
      parts.routers().apply(model).tell(new ReplicaRouterActor.Withdraw(query.input, query.queryId, loop.fromModels()));
    }
  }

  void lateWindowPassed(long queryId) {
    PendingQuery query = find(queryId);
    if (query != null) {
      settle(query);
    }
  }

  /** Everything that is pending is answered with what has come. */
  void answerAll() {
    for (PendingQuery query : List.copyOf(pending.values())) {
      if (!query.isAnswered()) {
        reply(query);
      }
      settle(query);
    }
    unanswered.clear();
  }

  private Asker asker(long correlation, ReplyTo<ApplicationActor.Reply> replyTo) {
    return new Asker(correlation, replyTo, loop.wire().limitBytes());
  }

  private static Selection everyOne(List<ModelId> models) {
    return new Selection(models.stream().map(model -> new Choice(model, 1, 1.0 / models.size())).toList(), Optional.empty());
  }

  private List<Part> partsOf(Selection selection, List<ModelId> models, Learner learner, boolean general) {
    Map<ModelId, Double> shares = sharesOf(selection, models, learner);
    if (general) {
      tellMeters(shares);
    }
    boolean someoneIsAwaited = !everyoneIsBenched(selection);
    List<Part> chosen = new ArrayList<>(selection.asked().size());
    for (Choice choice : selection.asked()) {
      double share = selection.estimate().isPresent() ? choice.weight() : shares.getOrDefault(choice.model(), 1.0);
      chosen.add(new Part(choice.model(), choice.probability(), share, someoneIsAwaited && isBenched(choice, selection)));
    }
    return chosen;
  }

  /**
   * What each weighs. Beside a canary not all candidates may be asked, and it is the share among those that are. Where shares would have to
   * be estimated no answer waits for that: the one that is played has the whole of it.
   */
  private Map<ModelId, Double> sharesOf(Selection selection, List<ModelId> models, Learner learner) {
    if (selection.estimate().isPresent()) {
      return Map.of();
    }
    return roster.candidates().canaries().isEmpty() ? roster.weightsBy(learner) : learner.weights(models);
  }

  /** Only what is said of all candidates: beside a canary that is not what one query's models weigh. */
  @SuppressWarnings("ReferenceEquality") // the same object is the same value, and comparing them on every query would cost
  private void tellMeters(Map<ModelId, Double> shares) {
    if (shares != toldShares && !shares.isEmpty() && roster.candidates().canaries().isEmpty()) {
      toldShares = shares;
      roster.meters().weigh(shares);
    }
  }

  /** Whether the model is asked for learning's sake only. */
  private boolean isBenched(Choice choice, Selection selection) {
    return selection.played().isPresent() ? !selection.played().get().equals(choice.model()) : bench.holds(choice.model());
  }

  private boolean everyoneIsBenched(Selection selection) {
    for (Choice choice : selection.asked()) {
      if (!isBenched(choice, selection)) {
        return false;
      }
    }
    return true;
  }

  private void ask(PendingQuery query, long deadlineNanos) {
    Known known = parts.cache().lookup(query.input);
    for (Part part : query.parts) {
      if (!part.benched && !query.isForFeedback()) {
        roster.meters().of(part.model).selected();
      }
      Optional<Output> output = roster.candidates().uncached().contains(part.model) ? Optional.empty() : known.by(part.model);
      if (output.isPresent()) {
        query.known(part, output.get());
        parts.cache().lookups(part.model).hit();
      } else {
        parts.routers().apply(part.model).tell(new ReplicaRouterActor.Ask(query.input, deadlineNanos, query.queryId, loop.fromModels()));
      }
    }
  }

  private void keepUntilSettled(PendingQuery query) {
    if (query.isSettled()) {
      loop.settled().accept(query);
    } else {
      pending.put(QueryIds.key(query.queryId), query);
    }
  }

  /** What is still outstanding then counts for learning only, for a while. */
  private void answer(PendingQuery query) {
    query.cancelDeadline();
    unanswered.remove(query.asker);
    reply(query);
    if (!query.isSettled()) {
      long windowEnds = parts.nanoClock().getAsLong() + parts.settings().lateWindow().toNanos();
      query.deadline(parts.deadlines().at(windowEnds, () -> loop.self().tell(new LateWindowPassed(query.queryId))));
    }
  }

  private void reply(PendingQuery query) {
    for (Part part : query.parts) {
      if (part.isMissing()) {
        roster.meters().of(part.model).missing();
      }
    }
    Prediction prediction = query.answer();
    roster.meters().answered(prediction);
    query.asker.answer(prediction, query.heldNanos(parts.nanoClock().getAsLong()));
  }

  /** Nothing more is expected of it. */
  private void settle(PendingQuery query) {
    query.cancelDeadline();
    pending.remove(QueryIds.key(query.queryId));
    loop.settled().accept(query);
  }
}
