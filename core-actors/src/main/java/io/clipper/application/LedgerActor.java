package io.clipper.application;

import java.time.Duration;
import java.util.List;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.SupervisorStrategy;
import org.apache.pekko.persistence.typed.PersistenceId;
import org.apache.pekko.persistence.typed.javadsl.CommandHandler;
import org.apache.pekko.persistence.typed.javadsl.EventHandler;
import org.apache.pekko.persistence.typed.javadsl.EventSourcedBehavior;
import org.apache.pekko.persistence.typed.javadsl.RetentionCriteria;

/**
 * Keeps what one partition has learned: every list of events is one write, and is acknowledged with the state that contains it. It is the
 * child of the loop, which goes on predicting while this waits for a disk.
 */
public final class LedgerActor extends EventSourcedBehavior<LedgerActor.Command, LedgerEvent, Ledger> {
  /** What the loop tells its ledger. */
  public sealed interface Command {}

  /** Keeps events in one write; with none of them the answer is the state that was recovered. */
  record Keep(long number, List<LedgerEvent> events, ActorRef<Kept> replyTo) implements Command {}

  /** What was sent under that number is durable, and this is the state that holds it. */
  record Kept(long number, Ledger ledger) {}

  private static final int EVENTS_PER_SNAPSHOT = 1000;

  private final Ledger empty;

  private LedgerActor(PersistenceId id, Ledger empty) {
    // Silent: the loop says once that its ledger does not answer, where this would say so at every attempt.
    super(id, SupervisorStrategy.restartWithBackoff(Duration.ofMillis(200), Duration.ofSeconds(5), 0.2).withLoggingEnabled(false));
    this.empty = empty;
  }

  /** The ledger of one application's partition. */
  static Behavior<Command> create(String application, int partition) {
    return new LedgerActor(persistenceId(application, partition), Partitions.isSpread(partition) ? Ledger.startSpread() : Ledger.start());
  }

  static PersistenceId persistenceId(String application, int partition) {
    return PersistenceId.of("ledger", application + "/" + partition);
  }

  @Override
  public Ledger emptyState() {
    return empty;
  }

  @Override
  public CommandHandler<Command, LedgerEvent, Ledger> commandHandler() {
    return (ledger, command) ->
        switch (command) {
          case Keep keep -> (keep.events().isEmpty() ? Effect().none() : Effect().persist(keep.events()))
              .thenRun(kept -> keep.replyTo().tell(new Kept(keep.number(), kept)));
        };
  }

  @Override
  public EventHandler<Ledger, LedgerEvent> eventHandler() {
    return Ledger::after;
  }

  @Override
  public RetentionCriteria retentionCriteria() {
    return RetentionCriteria.snapshotEvery(EVENTS_PER_SNAPSHOT, 2).withDeleteEventsOnSnapshot();
  }
}
