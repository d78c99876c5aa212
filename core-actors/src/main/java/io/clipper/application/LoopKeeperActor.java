package io.clipper.application;

import io.clipper.catalog.Application;
import io.clipper.catalog.Catalog;
import io.clipper.catalog.CatalogChanged;
import io.clipper.membership.Members;
import io.clipper.membership.MembersActor;
import io.clipper.membership.NodeRoles;
import io.clipper.membership.Peer;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;
import org.apache.pekko.cluster.sharding.typed.ShardingEnvelope;
import org.apache.pekko.pattern.StatusReply;

/**
 * Sees to it that every partition runs somewhere: one of which nobody asks anything has still to tell what it has learned. The oldest node
 * that keeps state wakes them all, often while nodes come and go, and now and then at other times.
 */
final class LoopKeeperActor {
  sealed interface Command {}

  private record MembersAre(Members members) implements Command {}

  private record CatalogIs(Catalog catalog) implements Command {}

  private record Due() implements Command {}

  private record Woken() implements Command {}

  /** A partition that moves runs again within so much of its stop. */
  private static final Duration OFTEN = Duration.ofSeconds(5);

  private static final Duration SELDOM = Duration.ofSeconds(60);

  private final ActorRef<ShardingEnvelope<ApplicationActor.Command>> sharding;
  private final TimerScheduler<Command> timers;
  private final LongSupplier nanoClock;
  private final ActorRef<StatusReply<String>> woken;
  private Members members = Members.NONE;
  private Collection<Application> applications = List.of();
  private long often;

  private LoopKeeperActor(
      ActorContext<Command> context,
      TimerScheduler<Command> timers,
      ActorRef<ShardingEnvelope<ApplicationActor.Command>> sharding,
      LongSupplier nanoClock) {
    this.sharding = sharding;
    this.timers = timers;
    this.nanoClock = nanoClock;
    this.woken = context.messageAdapter(StatusReply.class, reply -> new Woken()).unsafeUpcast();
    this.often = nanoClock.getAsLong();
  }

  static Behavior<Command> create(
      ActorRef<ShardingEnvelope<ApplicationActor.Command>> sharding,
      ActorRef<MembersActor.Command> members,
      Consumer<ActorRef<CatalogChanged>> catalog,
      LongSupplier nanoClock) {
    return Behaviors.setup(
        context ->
            Behaviors.withTimers(
                timers -> {
                  catalog.accept(context.messageAdapter(CatalogChanged.class, changed -> new CatalogIs(changed.catalog())));
                  members.tell(new MembersActor.Watch(context.messageAdapter(Members.class, MembersAre::new)));
                  return new LoopKeeperActor(context, timers, sharding, nanoClock).keeping();
                }));
  }

  private Behavior<Command> keeping() {
    return Behaviors.receiveMessage(
        command -> {
          switch (command) {
            case MembersAre(var now) -> {
              members = now;
              soon();
            }
            case CatalogIs(var catalog) -> {
              applications = catalog.applications().values();
              soon();
            }
            case Due due -> wake();
            case Woken woken -> {}
          }
          return Behaviors.same();
        });
  }

  private void soon() {
    timers.startSingleTimer(new Due(), OFTEN);
    often = nanoClock.getAsLong();
  }

  private void wake() {
    boolean isQuiet = nanoClock.getAsLong() - often > SELDOM.toNanos();
    timers.startSingleTimer(new Due(), isQuiet ? SELDOM : OFTEN);
    boolean isOldest = members.oldest(NodeRoles.APPLICATION).map(Peer::address).filter(members.self()::equals).isPresent();
    if (isOldest) {
      applications.stream()
          .filter(Partitions::areSpread)
          .flatMap(application -> Partitions.entityIds(application).stream())
          .forEach(entityId -> sharding.tell(new ShardingEnvelope<>(entityId, new ApplicationActor.Wake(woken))));
    }
  }
}
