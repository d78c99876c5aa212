package io.clipper.application;

import io.clipper.Refused;
import io.clipper.Refused.Reason;
import io.clipper.application.PendingQuery.Part;
import io.clipper.cache.Known;
import io.clipper.catalog.Application;
import io.clipper.catalog.Catalog;
import io.clipper.catalog.Model;
import io.clipper.feedback.JoinWindow;
import io.clipper.feedback.LoggedQuery;
import io.clipper.feedback.LoggedQuery.Played;
import io.clipper.model.Input;
import io.clipper.model.ModelId;
import io.clipper.model.Output;
import io.clipper.replica.ReplicaRouterActor;
import io.clipper.selection.Learner;
import io.clipper.selection.PolicySettings;
import io.clipper.selection.Selection;
import io.clipper.selection.Selection.Choice;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.PostStop;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.StashBuffer;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;
import org.apache.pekko.pattern.StatusReply;

/**
 * One partition of one application: selects whom a query asks, combines what they answer by the deadline, and learns from feedback. It
 * never waits for a disk; its {@link LedgerActor} does.
 */
public final class ApplicationActor {
  /** What can be asked of a partition. */
  public sealed interface Command {}

  /** @param deadlineNanos by this node's clock; what crosses nodes carries the time that is left instead */
  public record Predict(Query query, long deadlineNanos, long correlation, ReplyTo replyTo) implements Command {}

  /** Where an answer goes. */
  public sealed interface ReplyTo {
    void tell(Reply reply);
  }

  /** To whoever waits in this JVM, on the loop's own thread: a message less, where nobody is to be found by one. */
  public record Here(Consumer<Reply> waiting) implements ReplyTo {
    @Override
    public void tell(Reply reply) {
      waiting.accept(reply);
    }
  }

  /** To an actor, on whatever node. */
  public record There(ActorRef<Reply> actor) implements ReplyTo {
    @Override
    public void tell(Reply reply) {
      actor.tell(reply);
    }
  }

  public record Observe(Feedback feedback, ActorRef<StatusReply<Feedback.Receipt>> replyTo) implements Command {}

  public record GetState(Optional<String> context, ActorRef<StatusReply<LearnedState>> replyTo) implements Command {}

  /** Makes sure that the partition runs; answered when it serves. */
  public record Wake(ActorRef<StatusReply<String>> replyTo) implements Command {}

  /** Answers what is pending, keeps what was acknowledged, and stops. */
  public record Drain() implements Command {}

  private record FromModel(ReplicaRouterActor.Reply reply) implements Command {}

  private record DeadlinePassed(long queryId) implements Command {}

  private record LateWindowPassed(long queryId) implements Command {}

  private record Found(Observe observe, Optional<LoggedQuery> query) implements Command {}

  private record NotSearched(Observe observe, Throwable cause) implements Command {}

  private record FromLedger(LedgerActor.Kept kept) implements Command {}

  private record LedgerSilent() implements Command {}

  private record RecoveryTooSlow() implements Command {}

  /** What becomes of a query. */
  public sealed interface Reply {
    long correlation();
  }

  /** The answer, or the default with its reason. */
  public record Predicted(long correlation, Prediction prediction) implements Reply {}

  /** The query is wrong in itself. */
  public record NotServed(long correlation, Reason reason, String message) implements Reply {}

  private static final int STASH = 10_000;

  private final ActorContext<Command> context;
  private final TimerScheduler<Command> timers;
  private final ServingParts parts;
  private final String name;
  private final String entityId;
  private final RandomGenerator random;
  private final ActorRef<ReplicaRouterActor.Reply> fromModels;
  private final ActorRef<LedgerActor.Command> ledgerActor;
  private final ActorRef<LedgerActor.Kept> fromLedger;
  private final LedgerLink ledger;
  private final QueryIds ids;
  private final Bench bench;
  private final JoinWindow window;
  private final Map<Long, PendingQuery> pending = new HashMap<>();

  private Catalog seenCatalog;
  private Set<ModelId> seenReady = Set.of();
  private final Set<ModelId> everReady = new HashSet<>();
  private Optional<Application> application = Optional.empty();
  private Candidates candidates = Candidates.NONE;
  private Learner weighedLearner;
  private Map<ModelId, Double> weights = Map.of();

  private ApplicationActor(ActorContext<Command> context, TimerScheduler<Command> timers, ServingParts parts, String name, int partition) {
    this.context = context;
    this.timers = timers;
    this.parts = parts;
    this.name = name;
    this.entityId = Partitions.entityId(name, partition);
    this.random = parts.random().get();
    this.fromModels = context.messageAdapter(ReplicaRouterActor.Reply.class, FromModel::new);
    this.fromLedger = context.messageAdapter(LedgerActor.Kept.class, FromLedger::new);
    this.ledgerActor = context.spawn(LedgerActor.create(name, partition), "ledger");
    this.ledger = new LedgerLink(this::sendToLedger);
    this.ids = new QueryIds(partition, random);
    this.bench = new Bench(parts.settings().silencesUntilBenched());
    this.window = parts.log().window();
    this.seenCatalog = Catalog.EMPTY;
    this.weighedLearner = ledger.ledger().learner();
  }

  static Behavior<Command> create(ServingParts parts, String application, int partition) {
    return Behaviors.setup(
        context ->
            Behaviors.withTimers(
                timers -> Behaviors.withStash(STASH, stash -> new ApplicationActor(context, timers, parts, application, partition).start(stash))));
  }

  private Behavior<Command> start(StashBuffer<Command> stash) {
    timers.startSingleTimer(RecoveryTooSlow.class, new RecoveryTooSlow(), parts.settings().recoveryTimeout());
    ledger.synchronise();
    return Behaviors.receiveMessage(
        command -> {
          switch (command) {
            case FromLedger fromLedger -> {
              kept(fromLedger.kept());
              if (ids.areReserved()) {
                timers.cancel(RecoveryTooSlow.class);
                return stash.unstashAll(serving());
              }
            }
            case RecoveryTooSlow tooSlow -> {
              context.getLog().warn("'{}' predicts without what it has learned until its ledger can be read", name);
              return stash.unstashAll(serving());
            }
            case LedgerSilent silent -> ledger.silent();
            case Predict predict when stash.isFull() -> {
              predict.replyTo().tell(new NotServed(predict.correlation(), Reason.UNAVAILABLE, String.valueOf(noRoom().getMessage())));
            }
            case Predict predict -> stash.stash(predict);
            case Observe observe when stash.isFull() -> observe.replyTo().tell(StatusReply.error(noRoom()));
            case GetState getState when stash.isFull() -> getState.replyTo().tell(StatusReply.error(noRoom()));
            case Wake wake when stash.isFull() -> wake.replyTo().tell(StatusReply.error(noRoom()));
            case Drain drain when stash.isFull() -> {
              return Behaviors.stopped();
            }
            case Observe observe -> stash.stash(observe);
            case GetState getState -> stash.stash(getState);
            case Wake wake -> stash.stash(wake);
            case Drain drain -> stash.stash(drain);
            case FromModel fromModel -> {}
            case DeadlinePassed passed -> {}
            case LateWindowPassed passed -> {}
            case Found found -> {}
            case NotSearched notSearched -> {}
          }
          return Behaviors.same();
        });
  }

  private static Refused noRoom() {
    return new Refused(Reason.UNAVAILABLE, "the application is starting, and more waits for it than it can keep");
  }

  private Behavior<Command> serving() {
    parts.loopsHere().put(entityId, context.getSelf());
    return Behaviors.receive(
        (ignored, command) -> {
          switch (command) {
            case Predict predict -> predict(predict);
            case FromModel fromModel -> fromModel(fromModel.reply());
            case DeadlinePassed passed -> deadlinePassed(passed.queryId());
            case LateWindowPassed passed -> Optional.ofNullable(pending.get(passed.queryId())).ifPresent(this::settled);
            case Observe observe -> observe(observe);
            case Found found -> judge(found.observe(), found.query());
            case NotSearched failed ->
                failed.observe().replyTo().tell(StatusReply.error(new Refused(Reason.UNAVAILABLE, String.valueOf(failed.cause().getMessage()))));
            case GetState getState -> getState.replyTo().tell(state(getState.context()));
            case Wake wake -> wake.replyTo().tell(StatusReply.success(name));
            case FromLedger fromLedger -> kept(fromLedger.kept());
            case LedgerSilent silent -> ledgerSilent();
            case RecoveryTooSlow tooSlow -> {}
            case Drain drain -> {
              return drain();
            }
          }
          return Behaviors.same();
        },
        (ignored, signal) -> {
          if (signal instanceof PostStop) {
            leaveDirectory();
          }
          return Behaviors.same();
        });
  }

  private void leaveDirectory() {
    parts.loopsHere().remove(entityId, context.getSelf());
  }

  /** What is pending is answered with what has come; what the ledger was given is waited for. */
  private Behavior<Command> drain() {
    leaveDirectory();
    for (PendingQuery query : List.copyOf(pending.values())) {
      if (!query.isAnswered()) {
        query.reply.accept(query.answer());
      }
      settled(query);
    }
    if (ledger.isIdle() || !ledger.isAnswering()) {
      return Behaviors.stopped();
    }
    return Behaviors.receiveMessage(
        command ->
            switch (command) {
              case FromLedger fromLedger -> {
                kept(fromLedger.kept());
                yield ledger.isIdle() ? Behaviors.stopped() : Behaviors.same();
              }
              case LedgerSilent silent -> {
                ledger.silent();
                yield Behaviors.stopped();
              }
              case Predict predict -> {
                predict.replyTo().tell(new NotServed(predict.correlation(), Reason.UNAVAILABLE, "the application is moving to another node"));
                yield Behaviors.same();
              }
              case Observe observe -> {
                observe.replyTo().tell(StatusReply.error(new Refused(Reason.UNAVAILABLE, "the application is moving to another node")));
                yield Behaviors.same();
              }
              case GetState getState -> {
                getState.replyTo().tell(state(getState.context()));
                yield Behaviors.same();
              }
              case Wake wake -> Behaviors.same();
              case Drain again -> Behaviors.same();
              case FromModel fromModel -> Behaviors.same();
              case DeadlinePassed passed -> Behaviors.same();
              case LateWindowPassed passed -> Behaviors.same();
              case Found found -> {
                found.observe().replyTo().tell(StatusReply.error(new Refused(Reason.UNAVAILABLE, "the application is moving to another node")));
                yield Behaviors.same();
              }
              case NotSearched failed -> {
                failed.observe().replyTo().tell(StatusReply.error(new Refused(Reason.UNAVAILABLE, "the application is moving to another node")));
                yield Behaviors.same();
              }
              case RecoveryTooSlow tooSlow -> Behaviors.same();
            });
  }

  private void predict(Predict predict) {
    refresh();
    if (application.isEmpty()) {
      predict.replyTo().tell(new NotServed(predict.correlation(), Reason.NOT_FOUND, "No app with name %s exists.".formatted(name)));
      return;
    }
    Application asked = application.get();
    List<ModelId> models;
    try {
      models = predict.query().version().isPresent() ? version(asked, predict.query().version().get()) : candidates.models();
    } catch (Refused refused) {
      predict.replyTo().tell(new NotServed(predict.correlation(), refused.reason(), String.valueOf(refused.getMessage())));
      return;
    }
    long queryId = takeId();
    if (models.isEmpty()) {
      Prediction nothing = Answer.byDefault(asked, Prediction.NO_MODELS).prediction(queryId, List.of());
      predict.replyTo().tell(new Predicted(predict.correlation(), nothing));
      return;
    }
    Optional<String> of = predict.query().context();
    Selection selection = predict.query().version().isPresent() ? everyOne(models) : select(asked, of);
    PendingQuery query =
        new PendingQuery(
            queryId,
            asked,
            predict.query().input(),
            of,
            predict.query().version().isPresent() ? models : candidates.models(),
            partsOf(selection, of),
            played(selection),
            prediction -> predict.replyTo().tell(new Predicted(predict.correlation(), prediction)));
    ask(query, predict.deadlineNanos());
    if (query.isComplete()) {
      answer(query);
    } else {
      query.deadline(parts.deadlines().at(predict.deadlineNanos(), () -> context.getSelf().tell(new DeadlinePassed(queryId))));
    }
    if (!query.isSettled()) {
      pending.put(queryId, query);
    } else {
      settled(query);
    }
  }

  private List<ModelId> version(Application asked, String version) {
    if (asked.models().isEmpty()) {
      return List.of();
    }
    if (asked.models().size() > 1) {
      throw new Refused(Reason.INVALID, "Too many models linked to application " + asked.name());
    }
    String modelName = asked.models().getFirst();
    Model model = seenCatalog.models().get(modelName);
    if (model == null || !model.versions().containsKey(version)) {
      throw new Refused(Reason.INVALID, "Requested version: %s does not exist for model: %s".formatted(version, modelName));
    }
    return List.of(new ModelId(modelName, version));
  }

  private static Selection everyOne(List<ModelId> models) {
    return new Selection(models.stream().map(model -> new Choice(model, 1, 1.0 / models.size())).toList(), Optional.empty());
  }

  private Selection select(Application asked, Optional<String> of) {
    return ledger.ledger().learnerFor(of).select(candidates.models(), asked.learning().maxAsked(), asked.learning().shadow(), random);
  }

  private List<Part> partsOf(Selection selection, Optional<String> of) {
    Map<ModelId, Double> shares = weightsOf(ledger.ledger().learnerFor(of));
    boolean someoneIsAwaited = !everyoneIsBenched(selection);
    List<Part> chosen = new ArrayList<>(selection.asked().size());
    for (Choice choice : selection.asked()) {
      chosen.add(
          new Part(choice.model(), choice.probability(), shares.getOrDefault(choice.model(), 1.0), someoneIsAwaited && isBenched(choice, selection)));
    }
    return chosen;
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

  private static Optional<Played> played(Selection selection) {
    if (selection.played().isPresent()) {
      ModelId drawn = selection.played().get();
      for (Choice choice : selection.asked()) {
        if (choice.model().equals(drawn)) {
          return Optional.of(new Played(drawn, choice.weight()));
        }
      }
    }
    return Optional.empty();
  }

  @SuppressWarnings("ReferenceEquality") // a learner is a value that is replaced as a whole: the same object has the same weights
  private Map<ModelId, Double> weightsOf(Learner learner) {
    if (learner != weighedLearner || weights.isEmpty()) {
      weights = learner.weights(candidates.models());
      weighedLearner = learner;
    }
    return weights;
  }

  private void ask(PendingQuery query, long deadlineNanos) {
    Known known = parts.cache().lookup(query.input);
    int found = 0;
    for (Part part : query.parts) {
      Optional<Output> output = candidates.uncached().contains(part.model) ? Optional.empty() : known.by(part.model);
      if (output.isPresent()) {
        query.known(part, output.get());
        found++;
      } else {
        parts.routers().apply(part.model).tell(new ReplicaRouterActor.Ask(query.input, deadlineNanos, query.queryId, fromModels));
      }
    }
    parts.cache().counted(found, query.parts.size() - found);
  }

  private void fromModel(ReplicaRouterActor.Reply reply) {
    PendingQuery query = pending.get(reply.correlation());
    boolean news =
        switch (reply) {
          case ReplicaRouterActor.Answered answered -> {
            bench.answered(answered.model());
            yield query != null && query.arrived(answered.model(), answered.output());
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
      settled(query);
    }
  }

  private void deadlinePassed(long queryId) {
    PendingQuery query = pending.get(queryId);
    if (query == null || query.isAnswered()) {
      return;
    }
    query.silentModels().forEach(bench::silent);
    answer(query);
  }

  /** What is still outstanding then counts for learning only, for a while. */
  private void answer(PendingQuery query) {
    query.cancelDeadline();
    query.reply.accept(query.answer());
    if (!query.isSettled()) {
      long windowEnds = parts.nanoClock().getAsLong() + parts.settings().lateWindow().toNanos();
      query.deadline(parts.deadlines().at(windowEnds, () -> context.getSelf().tell(new LateWindowPassed(query.queryId))));
    }
  }

  /** Nothing more is expected of the query: it is logged, and the feedback that waited for it is judged. */
  private void settled(PendingQuery query) {
    query.cancelDeadline();
    pending.remove(query.queryId);
    LoggedQuery logged = query.logged();
    if (query.isForFeedback()) {
      query.feedback.forEach(observe -> judge(observe, Optional.of(logged)));
    } else {
      window.add(logged);
      parts.log().append(logged);
      query.feedback.forEach(observe -> judge(observe, Optional.of(logged)));
    }
  }

  private void observe(Observe observe) {
    refresh();
    if (application.isEmpty()) {
      observe.replyTo().tell(StatusReply.error(new Refused(Reason.NOT_FOUND, "No app with name %s exists.".formatted(name))));
      return;
    }
    switch (observe.feedback().target()) {
      case Feedback.OfQuery ofQuery -> observeQuery(observe, ofQuery.queryId());
      case Feedback.OfInput ofInput -> observeInput(observe, application.get(), ofInput.input());
    }
  }

  private void observeQuery(Observe observe, long queryId) {
    PendingQuery query = pending.get(queryId);
    if (query != null) {
      query.feedback.add(observe);
      return;
    }
    Optional<LoggedQuery> recent = window.find(queryId);
    if (recent.isPresent()) {
      judge(observe, recent);
    } else {
      context.pipeToSelf(
          parts.log().find(name, queryId), (found, failure) -> failure == null ? new Found(observe, found) : new NotSearched(observe, failure));
    }
  }

  private void observeInput(Observe observe, Application asked, Input input) {
    List<Part> everyone = candidates.models().stream().map(model -> new Part(model, 1, 0, false)).toList();
    PendingQuery query =
        new PendingQuery(takeId(), asked, input, observe.feedback().context(), candidates.models(), everyone, Optional.empty(), prediction -> {});
    query.isForFeedback(observe);
    long deadline = parts.nanoClock().getAsLong() + parts.settings().feedbackBudget().toNanos();
    ask(query, deadline);
    if (query.isSettled()) {
      settled(query);
    } else {
      pending.put(query.queryId, query);
      query.deadline(parts.deadlines().at(deadline, () -> context.getSelf().tell(new LateWindowPassed(query.queryId))));
    }
  }

  private void judge(Observe observe, Optional<LoggedQuery> query) {
    if (query.isEmpty() || application.isEmpty()) {
      long queryId = observe.feedback().target() instanceof Feedback.OfQuery ofQuery ? ofQuery.queryId() : 0;
      observe.replyTo().tell(StatusReply.success(new Feedback.Receipt(queryId, false, 0)));
      return;
    }
    Lesson lesson;
    try {
      lesson = Judgements.lesson(query.get(), observe.feedback(), application.get().learning());
    } catch (IllegalArgumentException wrong) {
      observe.replyTo().tell(StatusReply.error(new Refused(Reason.INVALID, String.valueOf(wrong.getMessage()))));
      return;
    }
    if (lesson.observation().judged().isEmpty()) {
      observe.replyTo().tell(StatusReply.success(new Feedback.Receipt(lesson.queryId(), false, 0)));
    } else {
      ledger.add(lesson, observe.replyTo());
    }
  }

  private StatusReply<LearnedState> state(Optional<String> of) {
    refresh();
    if (application.isEmpty()) {
      return StatusReply.error(new Refused(Reason.NOT_FOUND, "No app with name %s exists.".formatted(name)));
    }
    return StatusReply.success(LearnedState.of(ledger.ledger().learnerFor(of), candidates.models()));
  }

  /** Reads the node's catalog and replicas again, where either is another than at the last query. */
  @SuppressWarnings("ReferenceEquality") // the same object is the same value, and comparing them on every query would cost
  private void refresh() {
    Catalog catalog = parts.catalog().get();
    Set<ModelId> ready = parts.ready().get();
    if (catalog == seenCatalog && ready == seenReady) {
      return;
    }
    seenCatalog = catalog;
    seenReady = ready;
    everReady.addAll(ready);
    application = Optional.ofNullable(catalog.applications().get(name));
    Candidates next = application.map(app -> Candidates.of(app, catalog, ready, everReady)).orElse(Candidates.NONE);
    application.ifPresent(app -> follow(app, next));
    candidates = next;
    weights = Map.of();
  }

  private void follow(Application app, Candidates next) {
    PolicySettings wanted = PolicySettings.of(app.learning(), app.models().size());
    if (!wanted.equals(ledger.ledger().learner().settings())) {
      ledger.add(new LedgerEvent.PolicyChanged(wanted));
    }
    if (!next.models().equals(ledger.ledger().lineup().candidates()) && !next.models().isEmpty()) {
      ledger.add(new LedgerEvent.Admitted(next.models(), next.successions()));
    }
  }

  private long takeId() {
    long id = ids.take();
    reserveIds();
    return id;
  }

  private void reserveIds() {
    if (!ledger.isAnswering()) {
      return;
    }
    long below = ids.wanted();
    if (below > 0) {
      ledger.add(new LedgerEvent.IdsReserved(below));
    }
  }

  private void sendToLedger(long number, List<LedgerEvent> events) {
    timers.startSingleTimer(LedgerSilent.class, new LedgerSilent(), parts.settings().ledgerTimeout());
    ledgerActor.tell(new LedgerActor.Keep(number, events, fromLedger));
  }

  private void kept(LedgerActor.Kept kept) {
    if (!ledger.isAwaited(kept.number())) {
      return;
    }
    boolean silentBefore = !ledger.isAnswering();
    timers.cancel(LedgerSilent.class);
    ids.reserved(kept.ledger().idsBelow());
    ledger.kept(kept.ledger());
    if (silentBefore) {
      // What was on its way may be lost: candidates and policy are held against the catalog again.
      seenCatalog = Catalog.EMPTY;
    }
    reserveIds();
  }

  private void ledgerSilent() {
    if (ledger.isAnswering()) {
      context.getLog().warn("the ledger of '{}' does not answer: predictions go on, feedback is refused until it does", name);
    }
    ids.notReserved();
    ledger.silent();
  }
}
