package io.clipper.catalog;

import io.clipper.Refused;
import io.clipper.storage.Database;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.PreRestart;
import org.apache.pekko.actor.typed.SupervisorStrategy;
import org.apache.pekko.actor.typed.Terminated;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.cluster.sharding.typed.javadsl.EntityTypeKey;
import org.apache.pekko.pattern.StatusReply;
import org.apache.pekko.persistence.typed.PersistenceId;
import org.apache.pekko.persistence.typed.RecoveryCompleted;
import org.apache.pekko.persistence.typed.RecoveryFailed;
import org.apache.pekko.persistence.typed.javadsl.CommandHandlerWithReply;
import org.apache.pekko.persistence.typed.javadsl.EventHandler;
import org.apache.pekko.persistence.typed.javadsl.EventSourcedBehaviorWithEnforcedReplies;
import org.apache.pekko.persistence.typed.javadsl.ReplyEffect;
import org.apache.pekko.persistence.typed.javadsl.RetentionCriteria;
import org.apache.pekko.persistence.typed.javadsl.SignalHandler;

/**
 * Keeps the one catalog of a cluster: decides changes, remembers them in the journal, and tells every subscriber the whole new catalog
 * after each.
 */
public final class CatalogActor
    extends EventSourcedBehaviorWithEnforcedReplies<CatalogActor.Command, CatalogEvent, Catalog> {
  public static final EntityTypeKey<Command> KEY = EntityTypeKey.create(Command.class, "catalog");
  public static final String ENTITY_ID = "catalog";
  public static final PersistenceId PERSISTENCE_ID = PersistenceId.ofUniqueId("catalog");

  /** Old snapshots go, events stay: they are few, and are the history of what was served. */
  private static final int EVENTS_BETWEEN_SNAPSHOTS = 100;

  private static final int SNAPSHOTS_KEPT = 2;

  /** What goes to this actor or comes from it, on whatever node the other side is. */
  public sealed interface Message {}

  public sealed interface Command extends Message {}

  /** Answered with the catalog in which the change is durable, or with a {@link Refused}. */
  public record Change(CatalogChange change, ActorRef<StatusReply<Catalog>> replyTo) implements Command {}

  /**
   * Asks for every later catalog, and for this one unless its revision is the known one. Asked again, it is still one subscription: a
   * subscriber that asks from time to time has missed nothing for longer than that.
   */
  public record Subscribe(long knownRevision, ActorRef<News> subscriber) implements Command {}

  public sealed interface News extends Message {
    /** Who tells it: when that actor ends, so has the subscription. */
    ActorRef<Command> publisher();
  }

  public record Published(Catalog catalog, ActorRef<Command> publisher) implements News {}

  /** The known revision is the newest. */
  public record Unchanged(ActorRef<Command> publisher) implements News {}

  private final ActorContext<Command> context;
  private final ApplicationRules rules;
  private final Set<ActorRef<News>> subscribers = new HashSet<>();

  /** Who waits for the write that is under way: where it fails, this actor starts again and knows of no command. */
  private Optional<ActorRef<StatusReply<Catalog>>> waiting = Optional.empty();

  private boolean unreadable;

  private CatalogActor(ActorContext<Command> context, ApplicationRules rules) {
    // Silent: what fails is told here once, where this would say so at every attempt.
    super(
        PERSISTENCE_ID,
        SupervisorStrategy.restartWithBackoff(Duration.ofMillis(200), Duration.ofSeconds(5), 0.1).withLoggingEnabled(false));
    this.context = context;
    this.rules = rules;
  }

  public static Behavior<Command> create(ApplicationRules rules) {
    return Behaviors.setup(context -> new CatalogActor(context, rules));
  }

  @Override
  public Catalog emptyState() {
    return Catalog.EMPTY;
  }

  @Override
  public CommandHandlerWithReply<Command, CatalogEvent, Catalog> commandHandler() {
    return (catalog, command) ->
        switch (command) {
          case Change change -> change(catalog, change);
          case Subscribe(var known, var subscriber) -> {
            if (subscribers.add(subscriber)) {
              context.watch(subscriber);
            }
            yield Effect()
                .none()
                .thenReply(
                    subscriber,
                    now -> now.revision() == known ? new Unchanged(context.getSelf()) : new Published(now, context.getSelf()));
          }
        };
  }

  @Override
  public EventHandler<Catalog, CatalogEvent> eventHandler() {
    return Catalog::after;
  }

  @Override
  public SignalHandler<Catalog> signalHandler() {
    return newSignalHandlerBuilder()
        .onSignal(Terminated.class, (catalog, terminated) -> forget(terminated.getRef()))
        .onSignal(PreRestart.class, (catalog, restart) -> refuseWaiting())
        .onSignal(RecoveryFailed.class, (catalog, failed) -> cannotBeRead(failed.getFailure()))
        .onSignal(RecoveryCompleted.class, (catalog, completed) -> unreadable = false)
        .build();
  }

  @Override
  public RetentionCriteria retentionCriteria() {
    return RetentionCriteria.snapshotEvery(EVENTS_BETWEEN_SNAPSHOTS, SNAPSHOTS_KEPT);
  }

  private void forget(ActorRef<?> subscriber) {
    subscribers.removeIf(subscriber::equals);
  }

  private void refuseWaiting() {
    if (waiting.isPresent()) {
      context.getLog().warn("a change of the catalog could not be written: its database does not answer, or another node has written");
      String words = "the database does not answer; whether the change was made is not known: ask for it again";
      waiting.get().tell(StatusReply.error(new Refused(Refused.Reason.UNAVAILABLE, words)));
      waiting = Optional.empty();
    }
  }

  private void cannotBeRead(Throwable cause) {
    if (!unreadable) {
      unreadable = true;
      context.getLog().warn("the catalog cannot be read: what is served stays as it is, and cannot be changed until it can: {}", Database.words(cause));
    }
  }

  private ReplyEffect<CatalogEvent, Catalog> change(Catalog catalog, Change change) {
    List<CatalogEvent> events;
    try {
      events = catalog.decide(change.change(), rules);
    } catch (Refused refused) {
      return Effect().reply(change.replyTo(), StatusReply.error(refused));
    }
    if (events.isEmpty()) {
      return Effect().reply(change.replyTo(), StatusReply.success(catalog));
    }
    waiting = Optional.of(change.replyTo());
    return Effect()
        .persist(events)
        .thenRun((Catalog now) -> waiting = Optional.empty())
        .thenRun(now -> subscribers.forEach(subscriber -> subscriber.tell(new Published(now, context.getSelf()))))
        .thenReply(change.replyTo(), StatusReply::success);
  }
}
