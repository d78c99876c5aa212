package io.clipper.application;

import io.clipper.ReplyTo;
import io.clipper.application.ApplicationActor.Predict;
import io.clipper.application.ApplicationActor.Predicted;
import io.clipper.application.ApplicationActor.Reply;
import io.clipper.application.ApplicationActor.Withdraw;
import io.clipper.replica.ReplicaRouterActor;
import io.clipper.selection.Learner;
import io.clipper.wire.WireSettings;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;

/**
 * Answers on this node for a loop that is out of reach, by the same selection and combination on what the loop had learned when it was
 * heard of last. It learns nothing, and its answers have no id that feedback could name.
 */
final class StandInActor {
  /** Whoever waits, given an answer without an id. */
  private record Unnamed(ReplyTo<Reply> waiting) implements Consumer<Reply> {
    @Override
    public void accept(Reply reply) {
      waiting.tell(reply instanceof Predicted predicted ? new Predicted(predicted.correlation(), predicted.prediction().withoutId()) : reply);
    }
  }

  /** Of contexts nothing is heard: each starts from what the application knows, and the answer says so. */
  private record Strangers(LedgerLink ledger) implements KnownContexts {
    @Override
    public boolean isWorthWaiting(String context) {
      return false;
    }

    @Override
    public ContextDesk.Waiting await(String wanted, long untilNanos, Consumer<Boolean> then) {
      throw new IllegalStateException("there is nothing to wait for");
    }

    @Override
    public void cancel(ContextDesk.Waiting one) {}

    @Override
    public Learner learnerFor(Optional<String> context) {
      Learner general = ledger.ledger().learner();
      return context.isPresent() ? general.contextLearner() : general;
    }

    @Override
    public OfContext known(Optional<String> context) {
      return context.isPresent() ? new OfContext(true, Optional.empty()) : OfContext.NONE;
    }
  }

  private final Supplier<Ledger> heard;
  private final LedgerLink ledger = new LedgerLink((number, events) -> {});
  private final Roster roster;
  private final QueryDesk queries;
  private Ledger seen = Ledger.start();

  private StandInActor(ActorContext<ApplicationActor.Command> context, ServingParts parts, String name, Supplier<Ledger> heard) {
    this.heard = heard;
    AtomicLong numbers = new AtomicLong();
    this.roster = new Roster(parts, name, ledger, () -> 0);
    this.queries =
        new QueryDesk(
            new QueryDesk.Loop(
                name,
                context.getSelf(),
                new ReplyTo.There<>(context.messageAdapter(ReplicaRouterActor.Reply.class, ApplicationActor.FromModel::new)),
                numbers::incrementAndGet,
                settled -> {},
                WireSettings.of(context.getSystem().settings().config())),
            parts,
            roster,
            ledger,
            new Strangers(ledger),
            parts.random().get());
  }

  /** @param heard what the loop had learned, the same object until it is told again */
  static Behavior<ApplicationActor.Command> create(ServingParts parts, String application, Supplier<Ledger> heard) {
    return Behaviors.setup(context -> new StandInActor(context, parts, application, heard).answering());
  }

  private Behavior<ApplicationActor.Command> answering() {
    return Behaviors.receiveMessage(
        command -> {
          switch (command) {
            case Predict(var query, var deadline, var correlation, var replyTo) -> {
              follow();
              queries.predict(new Predict(query, deadline, correlation, unnamed(replyTo)));
            }
            case Withdraw(var correlation, var replyTo) -> queries.withdraw(new Withdraw(correlation, unnamed(replyTo)));
            case ApplicationActor.FromModel(var reply) -> queries.fromModel(reply);
            case ApplicationActor.DeadlinePassed(var queryId) -> queries.deadlinePassed(queryId);
            case ApplicationActor.LateWindowPassed(var queryId) -> queries.lateWindowPassed(queryId);
            case ApplicationActor.Drain drain -> {
              return Behaviors.stopped(); // its application is gone
            }
            default -> {} // nobody tells it anything else
          }
          return Behaviors.same();
        });
  }

  @SuppressWarnings("ReferenceEquality") // a ledger is a value that is replaced as a whole
  private void follow() {
    Ledger now = heard.get();
    if (now != seen) {
      seen = now;
      ledger.kept(now);
      roster.forgetWhatWasTold();
    }
  }

  private static ReplyTo<Reply> unnamed(ReplyTo<Reply> waiting) {
    return new ReplyTo.Here<>(new Unnamed(waiting));
  }
}
