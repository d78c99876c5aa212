package io.clipper.membership;

import io.clipper.storage.Database;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.apache.pekko.actor.Address;
import org.apache.pekko.actor.AddressFromURIString;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.DispatcherSelector;
import org.apache.pekko.actor.typed.Props;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;
import org.apache.pekko.cluster.typed.Cluster;
import org.apache.pekko.cluster.typed.Join;
import org.apache.pekko.cluster.typed.JoinSeedNodes;

/**
 * Brings a node that keeps state into its cluster, and keeps the book of members. Nodes over one database take turns: one that starts
 * looks for the members in the book, and only where none answers it is a cluster of its own. So there are never two clusters over one
 * database, whoever is started again first.
 */
public final class EntranceActor {
  sealed interface Command {}

  private record TimeToTry() implements Command {}

  private record MayEnter(boolean myTurn, Set<String> known) implements Command {}

  private record MembersAre(Members members) implements Command {}

  private record Written(Set<String> members) implements Command {}

  private record NotWritten() implements Command {}

  private record TimeToWrite() implements Command {}

  private static final Duration PAUSE = Duration.ofMillis(500);
  /** A node that dies on its way in holds up the next for so long. */
  private static final Duration TURN = Duration.ofSeconds(30);
  /** Longer than the sides of a split differ in when they ask for it; within that time of a decision no other can be made. */
  private static final Duration SPLIT = Duration.ofSeconds(15);

  private final ActorContext<Command> context;
  private final TimerScheduler<Command> timers;
  private final Executor blocking;
  private final MemberBook book;
  private final LeaseRow turn;
  private final Cluster cluster;
  private final String self;
  private final boolean guided;
  private Set<String> written = Set.of();
  private Members members;
  private boolean isWriting;
  private boolean holdsTurn;

  private EntranceActor(ActorContext<Command> context, TimerScheduler<Command> timers, Database database, Executor blocking) {
    this.context = context;
    this.timers = timers;
    this.blocking = blocking;
    this.book = new MemberBook(database);
    this.turn = new LeaseRow(database, "entrance", TURN);
    this.cluster = Cluster.get(context.getSystem());
    this.self = Peer.nameOf(cluster.selfMember().address());
    this.guided = isGuided(context.getSystem());
    this.members = new Members(self, List.of(), Set.of());
  }

  /** Starts it, and the desk for the lease that decides after a split. */
  public static void start(ActorSystem<?> system, ActorRef<MembersActor.Command> members, Database database) {
    Executor blocking = system.dispatchers().lookup(DispatcherSelector.fromConfig("clipper.loading-dispatcher"));
    system.systemActorOf(LeaseDesk.create(new LeaseRow(database, "split", SPLIT), blocking), "clipper-lease", Props.empty());
    system.systemActorOf(
        Behaviors.<Command>setup(
            context -> Behaviors.withTimers(timers -> new EntranceActor(context, timers, database, blocking).entering(members))),
        "clipper-entrance",
        Props.empty());
  }

  /** Whether the configuration says whom to join: then Pekko does. */
  public static boolean isGuided(ActorSystem<?> system) {
    return !system.settings().config().getStringList("pekko.cluster.seed-nodes").isEmpty()
        || system.settings().config().getBoolean("clipper.cluster.discovery");
  }

  private Behavior<Command> entering(ActorRef<MembersActor.Command> watched) {
    watched.tell(new MembersActor.Watch(context.messageAdapter(Members.class, MembersAre::new)));
    if (!guided) {
      tryToEnter();
    }
    return Behaviors.receiveMessage(
        command -> {
          switch (command) {
            case TimeToTry due -> tryToEnter();
            case MayEnter(var myTurn, var known) -> enter(myTurn, known);
            case MembersAre(var now) -> {
              members = now;
              write();
            }
            case Written(var all) -> {
              isWriting = false;
              written = all;
              holdsTurn = false;
              write();
            }
            case NotWritten failed -> {
              isWriting = false;
              timers.startSingleTimer(TimeToWrite.class, new TimeToWrite(), PAUSE);
            }
            case TimeToWrite due -> write();
          }
          return Behaviors.same();
        });
  }

  private void tryToEnter() {
    context.pipeToSelf(
        CompletableFuture.supplyAsync(
            () -> {
              try {
                return turn.take(self) ? new MayEnter(true, book.members()) : new MayEnter(false, Set.of());
              } catch (SQLException failed) {
                throw new IllegalStateException(failed);
              }
            },
            blocking),
        (answer, failed) -> failed == null ? answer : new MayEnter(false, Set.of()));
  }

  private void enter(boolean myTurn, Set<String> known) {
    if (!myTurn) {
      timers.startSingleTimer(TimeToTry.class, new TimeToTry(), PAUSE);
      return;
    }
    holdsTurn = true;
    List<Address> others = known.stream().filter(address -> !address.equals(self)).sorted().map(this::address).toList();
    if (others.isEmpty()) {
      cluster.manager().tell(Join.create(cluster.selfMember().address()));
      return;
    }
    context.getLog().debug("looking for {} before it is a cluster of its own", others);
    // The first is who makes a cluster where no other answers.
    List<Address> seeds = new ArrayList<>(List.of(cluster.selfMember().address()));
    seeds.addAll(others);
    cluster.manager().tell(new JoinSeedNodes(seeds));
  }

  private Address address(String hostPort) {
    return AddressFromURIString.parse("%s://%s@%s".formatted(cluster.selfMember().address().protocol(), context.getSystem().name(), hostPort));
  }

  /** One write at a time; what changes meanwhile is the next. */
  private void write() {
    boolean isIn = members.inReach().stream().anyMatch(peer -> peer.address().equals(self));
    if (!isIn || isWriting || (members.all().equals(written) && !holdsTurn)) {
      return;
    }
    isWriting = true;
    Set<String> now = members.all();
    Set<String> removed = new HashSet<>(written);
    removed.removeAll(now);
    boolean endsTurn = holdsTurn;
    context.pipeToSelf(
        CompletableFuture.runAsync(
            () -> {
              try {
                book.write(now, removed);
                if (endsTurn) {
                  turn.release(self);
                }
              } catch (SQLException failed) {
                throw new IllegalStateException(failed);
              }
            },
            blocking),
        (done, failed) -> failed == null ? new Written(now) : new NotWritten());
  }
}
