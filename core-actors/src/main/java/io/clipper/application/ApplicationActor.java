package io.clipper.application;

import io.clipper.Refused;
import io.clipper.Refused.Reason;
import io.clipper.ReplyTo;
import io.clipper.change.Changed;
import io.clipper.feedback.LoggedQuery;
import io.clipper.replica.ReplicaRouterActor;
import io.clipper.wire.WireSettings;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
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
  public record Predict(Query query, long deadlineNanos, long correlation, ReplyTo<Reply> replyTo) implements Command {
    Predict withDeadline(long nanos) {
      return new Predict(query, nanos, correlation, replyTo);
    }
  }

  /** Whoever asked that wants no answer any more, and gets none. */
  public record Withdraw(long correlation, ReplyTo<Reply> replyTo) implements Command {}

  public record Observe(Feedback feedback, ActorRef<StatusReply<Feedback.Receipt>> replyTo) implements Command {}

  public record GetState(Optional<String> context, ActorRef<StatusReply<LearnedState>> replyTo) implements Command {}

  /** Makes sure that the partition runs; answered when it serves. */
  public record Wake(ActorRef<StatusReply<String>> replyTo) implements Command {}

  /** Answers what is pending, keeps what was acknowledged, and stops. */
  public record Drain() implements Command {}

  record FromModel(ReplicaRouterActor.Reply reply) implements Command {}

  record DeadlinePassed(long queryId) implements Command {}

  record LateWindowPassed(long queryId) implements Command {}

  record Found(Observe observe, Optional<LoggedQuery> query) implements Command {}

  record NotSearched(Observe observe, Throwable cause) implements Command {}

  private record FromLedger(LedgerActor.Kept kept) implements Command {}

  /** Another partition of the application has told what it learned. */
  record OtherTold(int partition, HeardLedgers.Heard told) implements Command {}

  private record LedgerSilent() implements Command {}

  record OfContexts(ContextDesk.Signal signal) implements Command {}

  private record TimeToTell() implements Command {}

  private record RecoveryTooSlow() implements Command {}

  /** The log has what was answered here, or is not waited for. */
  private record LogWritten() implements Command {}

  /** What becomes of a query. */
  public sealed interface Reply {
    long correlation();
  }

  /**
   * The answer, or the default with its reason.
   *
   * @param heldNanos from when the query was here until it was answered: the rest it was on its way. Empty where that is not told
   */
  public record Predicted(long correlation, Prediction prediction, OptionalLong heldNanos) implements Reply {
    /** One that does not tell for how long the query was here. */
    Predicted(long correlation, Prediction prediction) {
      this(correlation, prediction, OptionalLong.empty());
    }
  }

  /** The query is wrong in itself. */
  public record NotServed(long correlation, Reason reason, String message) implements Reply {}

  private static final int STASH = 10_000;
  /** What other nodes know of its learning is at most so much older. */
  private static final Duration TELLING = Duration.ofSeconds(1);

  /** Whoever asks for a context's state waits for its row as long as for the ledger. */
  private static final Duration READ_TIMEOUT = Duration.ofSeconds(2);

  /** Some of its writers' pauses: a database that is gone holds up no move. */
  private static final Duration LOG_TIMEOUT = Duration.ofSeconds(2);

  private final ActorContext<Command> context;
  private final TimerScheduler<Command> timers;
  private final ServingParts parts;
  private final String name;
  private final String entityId;
  private final ActorRef<LedgerActor.Command> ledgerActor;
  private final ActorRef<LedgerActor.Kept> fromLedger;
  private final LedgerLink ledger;
  private final SharedLearning shared;
  private final QueryIds ids;
  private final AssuranceReport report = new AssuranceReport();
  private final Roster roster;
  private final ContextDesk contexts;
  private final QueryDesk queries;
  private final FeedbackDesk feedback;
  /** What other nodes were told last. */
  private Ledger told = Ledger.start();

  private ApplicationActor(ActorContext<Command> context, TimerScheduler<Command> timers, ServingParts parts, String name, int partition) {
    this.context = context;
    this.timers = timers;
    this.parts = parts;
    this.name = name;
    this.entityId = Partitions.entityId(name, partition);
    this.fromLedger = context.messageAdapter(LedgerActor.Kept.class, FromLedger::new);
    this.ledgerActor = context.spawn(LedgerActor.create(name, partition), "ledger");
    this.shared = new SharedLearning(partition, parts.node());
    this.ledger = new LedgerLink(this::sendToLedger, shared, this::learned);
    RandomGenerator random = parts.random().get();
    this.ids = new QueryIds(partition, random);
    this.roster = new Roster(parts, name, ledger, ids::nextCounter);
    ReplyTo<ReplicaRouterActor.Reply> fromModels = new ReplyTo.There<>(context.messageAdapter(ReplicaRouterActor.Reply.class, FromModel::new));
    this.contexts = new ContextDesk(context, timers, parts, name, partition, ledger);
    this.queries =
        new QueryDesk(
            new QueryDesk.Loop(
                name, context.getSelf(), fromModels, this::newQueryId, this::settled, WireSettings.of(context.getSystem().settings().config())),
            parts,
            roster,
            ledger,
            contexts,
            random);
    this.feedback = new FeedbackDesk(context, parts, name, roster, queries, contexts, ledger);
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
            case OfContexts ofContexts -> contexts.take(ofContexts.signal());
            case TimeToTell due -> {}
            case OtherTold told -> hear(told);
            case Predict predict when stash.isFull() -> {
              predict.replyTo().tell(new NotServed(predict.correlation(), Reason.UNAVAILABLE, String.valueOf(noRoom().getMessage())));
            }
            case Predict predict -> stash.stash(predict);
            case Withdraw withdraw when stash.isFull() -> {}
            case Withdraw withdraw -> stash.stash(withdraw);
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
            case LogWritten written -> {}
          }
          return Behaviors.same();
        });
  }

  private static Refused noRoom() {
    return new Refused(Reason.UNAVAILABLE, "the application is starting, and more waits for it than it can keep");
  }

  private Behavior<Command> serving() {
    parts.loopsHere().put(entityId, context.getSelf());
    // Whatever is told from here on comes as a message.
    parts.heard().each(name, (other, told) -> hear(new OtherTold(other, told)));
    return Behaviors.receive(
        (ignored, command) -> {
          switch (command) {
            case Predict predict -> queries.predict(predict);
            case Withdraw withdraw -> queries.withdraw(withdraw);
            case FromModel fromModel -> queries.fromModel(fromModel.reply());
            case DeadlinePassed passed -> queries.deadlinePassed(passed.queryId());
            case LateWindowPassed passed -> queries.lateWindowPassed(passed.queryId());
            case Observe observe -> feedback.observe(observe);
            case Found found -> feedback.found(found);
            case NotSearched failed -> feedback.notSearched(failed);
            case GetState getState -> tellState(getState);
            case Wake wake -> wake.replyTo().tell(StatusReply.success(name));
            case FromLedger fromLedger -> kept(fromLedger.kept());
            case LedgerSilent silent -> ledgerSilent();
            case OfContexts ofContexts -> contexts.take(ofContexts.signal());
            case RecoveryTooSlow tooSlow -> {}
            case LogWritten written -> {}
            case TimeToTell due -> tellOthers();
            case OtherTold told -> hear(told);
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

  /**
   * What is pending is answered with what has come. What the ledger was given is waited for, and, as a label may reach the next node at once,
   * the log too. That comes after all that was told to this loop while it was in the directory.
   */
  private Behavior<Command> drain() {
    leaveDirectory();
    contexts.awaitNoMore();
    queries.answerAll();
    feedback.findNoMore(moving());
    CompletableFuture<Void> logged = parts.log().orElseThrow().written().toCompletableFuture().orTimeout(LOG_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
    context.pipeToSelf(logged, (written, unwritten) -> new LogWritten());
    return draining(false);
  }

  private Behavior<Command> draining(boolean logged) {
    if (logged && (ledger.isIdle() || !ledger.isAnswering())) {
      return Behaviors.stopped();
    }
    return Behaviors.receiveMessage(
        command ->
            switch (command) {
              case FromLedger fromLedger -> {
                kept(fromLedger.kept());
                yield draining(logged);
              }
              case LedgerSilent silent -> {
                ledger.silent();
                yield draining(logged);
              }
              case LogWritten written -> draining(true);
              case Predict predict -> {
                predict.replyTo().tell(whileMoving(predict));
                yield Behaviors.same();
              }
              case Observe observe -> {
                observe.replyTo().tell(StatusReply.error(moving()));
                yield Behaviors.same();
              }
              case GetState getState -> {
                getState.replyTo().tell(state(getState.context()));
                yield Behaviors.same();
              }
              case OfContexts ofContexts -> Behaviors.same();
              case Wake wake -> Behaviors.same();
              case Withdraw withdraw -> Behaviors.same();
              case Drain again -> Behaviors.same();
              case FromModel fromModel -> Behaviors.same();
              case DeadlinePassed passed -> Behaviors.same();
              case LateWindowPassed passed -> Behaviors.same();
              case Found found -> Behaviors.same();
              case NotSearched failed -> Behaviors.same();
              case RecoveryTooSlow tooSlow -> Behaviors.same();
              case TimeToTell due -> Behaviors.same();
              case OtherTold told -> Behaviors.same();
            });
  }

  /** Of a query that came while the loop was still in the directory, and for which no model is asked any more. */
  private Reply whileMoving(Predict predict) {
    roster.refresh();
    if (roster.application().isEmpty()) {
      return new NotServed(predict.correlation(), Reason.NOT_FOUND, "No app with name %s exists.".formatted(name));
    }
    Prediction prediction =
        Answer.byDefault(roster.application().get(), Prediction.MOVING).prediction(Prediction.NO_QUERY_ID, List.of(), false);
    roster.meters().answered(prediction);
    return new Predicted(predict.correlation(), prediction);
  }

  private static Refused moving() {
    return new Refused(Reason.UNAVAILABLE, "the application is moving to another node");
  }

  private void settled(PendingQuery query) {
    feedback.settled(query);
  }

  private void learned(Lesson lesson) {
    roster.meters().learned(lesson);
  }

  private void tellState(GetState getState) {
    Optional<String> of = getState.context();
    if (of.isPresent() && contexts.isWorthWaiting(of.get())) {
      long until = parts.nanoClock().getAsLong() + READ_TIMEOUT.toNanos();
      contexts.await(of.get(), until, read -> getState.replyTo().tell(state(of)));
    } else {
      getState.replyTo().tell(state(of));
    }
  }

  private StatusReply<LearnedState> state(Optional<String> of) {
    roster.refresh();
    if (roster.application().isEmpty()) {
      return StatusReply.error(new Refused(Reason.NOT_FOUND, "No app with name %s exists.".formatted(name)));
    }
    if (!ledger.isKnown()) {
      return StatusReply.error(new Refused(Reason.UNAVAILABLE, "what the application has learned cannot be read yet"));
    }
    if (contexts.isUnread(of)) {
      return StatusReply.error(new Refused(Reason.UNAVAILABLE, "what was learned of that context cannot be read at the moment"));
    }
    Optional<Assurance> assurance = ledger.ledger().assurance().filter(Assurance::learns);
    return StatusReply.success(
        LearnedState.of(
            contexts.learnerFor(of),
            roster.candidates().models(),
            assurance.map(known -> report.of(known, ids.taken())),
            assurance.map(Assurance::changes).orElse(List.of()),
            shared.partitions(ledger.ledger())));
  }

  private long newQueryId() {
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
    contexts.follow(kept.ledger());
    if (!timers.isTimerActive(TimeToTell.class)) {
      timers.startSingleTimer(TimeToTell.class, new TimeToTell(), TELLING);
    }
    kept.ledger().assurance().ifPresent(this::tellNews);
    if (silentBefore) {
      roster.forgetWhatWasTold();
    }
    reserveIds();
  }

  private void tellNews(Assurance assurance) {
    for (Changed change : report.news(assurance, ids.taken())) {
      switch (change) {
        case Changed.Worsened one ->
            context.getLog().warn("model worsened in '{}': {} lost {} more than the others' median, now {}", name, one.model(), one.before(), one.after());
        case Changed.DataDrift drift -> context.getLog().warn("data drift in '{}': the median loss was {}, now {}", name, drift.before(), drift.after());
      }
    }
  }

  private void tellOthers() {
    Ledger now = ledger.ledger();
    if (!now.hasLearnedAsMuchAs(told)) {
      told = now;
      parts.telling().accept(entityId, now);
    }
  }

  private void hear(OtherTold other) {
    if (shared.hear(other.partition(), other.told())) {
      ledger.chooseAgain();
    }
  }

  private void ledgerSilent() {
    if (ledger.isAnswering()) {
      context.getLog().warn("the ledger of '{}' does not answer: predictions go on, feedback is refused until it does", name);
    }
    ids.notReserved();
    ledger.silent();
  }
}
