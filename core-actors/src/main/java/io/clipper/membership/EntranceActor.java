package io.clipper.membership;

import io.clipper.Aside;
import io.clipper.storage.Database;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.apache.pekko.actor.Address;
import org.apache.pekko.actor.AddressFromURIString;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.Props;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;
import org.apache.pekko.cluster.typed.Cluster;
import org.apache.pekko.cluster.typed.Join;
import org.apache.pekko.cluster.typed.JoinSeedNodes;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings a node that keeps state into its cluster, and keeps the book of members. Nodes over one database take turns: one that starts
 * looks for the members in the book, and only where none lives and none answers it is a cluster of its own. So there are never two clusters
 * over one database, whoever is started again first.
 */
public final class EntranceActor {
  sealed interface Command {}

  private record TimeToTry() implements Command {}

  private record MayEnter(boolean myTurn, MemberBook.Known known) implements Command {}

  private record MembersAre(Members members) implements Command {}

  private record Written(Set<String> members) implements Command {}

  private record NotWritten() implements Command {}

  private record TimeToWrite() implements Command {}

  private record TimeToSign() implements Command {}

  private static final Logger LOG = LoggerFactory.getLogger(EntranceActor.class);

  private static final Duration PAUSE = Duration.ofMillis(500);
  /** Who did not get in by then looks into the book again: whoever it waits for may be gone. */
  private static final Duration ANOTHER_TRY = Duration.ofSeconds(4);
  private static final Duration SIGNING = Duration.ofSeconds(3);
  /** A node that dies on its way in holds up the next for so long. */
  private static final Duration TURN = Duration.ofSeconds(30);
  /** Longer than the sides of a split differ in when they ask for it; within that time of a decision no other can be made. */
  private static final Duration SPLIT = Duration.ofSeconds(15);

  private final ActorContext<Command> context;
  private final TimerScheduler<Command> timers;
  private final MemberBook book;
  private final LeaseRow turn;
  private final Cluster cluster;
  private final String self;
  private final boolean shared;
  private Set<String> written = Set.of();
  private Members members;
  private boolean isWriting;
  private boolean holdsTurn;
  /** Whether there is nobody to wait for, so that one look at the book was enough. */
  private boolean decided;
  /** Looks at the book after which it went to join others, and is not in yet. */
  private int fruitless;

  private EntranceActor(ActorContext<Command> context, TimerScheduler<Command> timers, Database database) {
    this.context = context;
    this.timers = timers;
    this.book = new MemberBook(database);
    this.turn = new LeaseRow(database, "entrance", TURN);
    this.cluster = Cluster.get(context.getSystem());
    this.self = Peer.nameOf(cluster.selfMember().address());
    this.shared = !database.isH2();
    this.members = new Members(self, List.of(), Set.of(), Set.of());
  }

  /** Starts it, and the desk for the lease that decides after a split. */
  public static void start(ActorSystem<?> system, ActorRef<MembersActor.Command> members, Database database) {
    system.systemActorOf(LeaseDesk.create(new LeaseRow(database, "split", SPLIT), Aside.THREADS), "clipper-lease", Props.empty());
    system.systemActorOf(
        Behaviors.<Command>setup(context -> Behaviors.withTimers(timers -> new EntranceActor(context, timers, database).entering(members))),
        "clipper-entrance",
        Props.empty());
  }

  /** Whether the configuration says whom to join: then Pekko does. */
  private static boolean isGuided(ActorSystem<?> system) {
    return !system.settings().config().getStringList("pekko.cluster.seed-nodes").isEmpty();
  }

  private Behavior<Command> entering(ActorRef<MembersActor.Command> watched) {
    watched.tell(new MembersActor.Watch(context.messageAdapter(Members.class, MembersAre::new)));
    if (!isGuided(context.getSystem())) {
      tryToEnter();
    }
    if (shared) {
      timers.startTimerWithFixedDelay(TimeToSign.class, new TimeToSign(), SIGNING);
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
            case TimeToSign due -> sign();
          }
          return Behaviors.same();
        });
  }

  private void tryToEnter() {
    if (members.isInReach(self) || decided) {
      return;
    }
    context.pipeToSelf(
        CompletableFuture.supplyAsync(
            () -> {
              try {
                return mayEnter();
              } catch (SQLException failed) {
                throw new IllegalStateException(failed);
              }
            },
            Aside.THREADS),
        (answer, failed) -> failed == null ? answer : new MayEnter(false, MemberBook.Known.NOBODY));
  }

  /** Who joins others that live keeps nobody from it: a node that cannot reach them must not hold up one that can. */
  private MayEnter mayEnter() throws SQLException {
    if (!turn.take(self)) {
      return new MayEnter(false, MemberBook.Known.NOBODY);
    }
    MemberBook.Known known = book.known();
    if (known.hasLivingBeside(self)) {
      turn.release(self);
    }
    return new MayEnter(true, known);
  }

  private void enter(boolean myTurn, MemberBook.Known known) {
    if (!myTurn) {
      timers.startSingleTimer(TimeToTry.class, new TimeToTry(), PAUSE);
      return;
    }
    decided = !known.hasLivingBeside(self);
    holdsTurn = decided;
    // Who is remembered and turns out to be no member leaves the book with the first write.
    written = known.all();
    List<Address> seeds = known.seeds(self).stream().map(this::address).toList();
    if (seeds.size() == 1 && decided) {
      cluster.manager().tell(Join.create(seeds.getFirst()));
      return;
    }
    fruitless++;
    if (fruitless == 2) {
      context.getLog().warn("waiting for {}, which signed in the database within {} s and cannot be reached", known.seeds(self), MemberBook.FRESH.toSeconds());
    }
    cluster.manager().tell(new JoinSeedNodes(seeds));
    timers.startSingleTimer(TimeToTry.class, new TimeToTry(), ANOTHER_TRY);
  }

  private Address address(String hostPort) {
    return AddressFromURIString.parse("%s://%s@%s".formatted(cluster.selfMember().address().protocol(), context.getSystem().name(), hostPort));
  }

  /** One write at a time; what changes meanwhile is the next. */
  private void write() {
    if (!members.isInReach(self) || isWriting || (members.all().equals(written) && !holdsTurn)) {
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
            Aside.THREADS),
        (done, failed) -> failed == null ? new Written(now) : new NotWritten());
  }

  /** A signature that fails is one that is missed: the next comes soon, and the store's own users say that it is gone. */
  private void sign() {
    if (members.isInReach(self)) {
      Aside.THREADS.execute(
          () -> {
            try {
              book.sign(self);
            } catch (SQLException failed) {
              LOG.debug("the book of members was not signed", failed);
            }
          });
    }
  }
}
