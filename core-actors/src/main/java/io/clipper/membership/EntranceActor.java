package io.clipper.membership;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigValueFactory;
import io.clipper.Aside;
import io.clipper.Refused;
import io.clipper.membership.MemberBook.Known;
import io.clipper.membership.MemberBook.Signature;
import io.clipper.storage.Database;
import io.clipper.storage.Schema;
import io.clipper.storage.Signatures;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.apache.pekko.actor.Address;
import org.apache.pekko.actor.AddressFromURIString;
import org.apache.pekko.actor.CoordinatedShutdown;
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

/**
 * Brings a node that keeps state into its cluster. Nodes over one database take turns: one that starts looks for the members in the book,
 * and only where none lives and none answers it may be a cluster of its own. So there are never two clusters over one database, whoever is
 * started again first. Nor is one cluster over two databases: who finds that it came to nodes of another ends, and says so.
 */
public final class EntranceActor {
  sealed interface Command {}

  private record TimeToTry() implements Command {}

  private record Looked(Look look) implements Command {}

  /** The database did not answer, or it is another node's turn. */
  private record NotLooked() implements Command {}

  private record MembersAre(Members members) implements Command {}

  private record PatienceIsOver() implements Command {}

  private record Forgotten(Refused because) implements Command {}

  /**
   * What the book says.
   *
   * @param stranger who signed for this node's address from another machine
   * @param isFirst whether this node may be a cluster of its own, and holds its turn for it
   */
  private record Look(Known known, Optional<Signature> stranger, boolean isFirst) {}

  private static final Duration PAUSE = Duration.ofMillis(500);
  /** Who did not get in by then looks into the book again: whoever it waits for may be gone. */
  private static final Duration ANOTHER_TRY = Duration.ofSeconds(4);
  /** A node that dies on its way in holds up the next for so long. */
  private static final Duration TURN = Duration.ofSeconds(30);
  /** Longer than the sides of a split differ in when they ask for it; within that time of a decision no other can be made. */
  private static final Duration SPLIT = Duration.ofSeconds(15);

  private final ActorContext<Command> context;
  private final TimerScheduler<Command> timers;
  private final MemberBook book;
  private final LeaseRow turn;
  private final ActorRef<MemberBookActor.Command> keeper;
  private final Cluster cluster;
  private final String self;
  private final WayIn wayIn;
  private final Incarnation incarnation;
  private final String turnOwner;
  /** The role of the nodes over this database. */
  private final String store;
  private final boolean shared;
  private Members members;
  /** Whether there is nobody to wait for, so that one look at the book was enough. */
  private boolean decided;
  /** Looks at the book after which it went to join others, and is not in yet. */
  private int fruitless;
  private Optional<Signature> doubt = Optional.empty();
  private Known known = Known.NOBODY;

  private EntranceActor(ActorContext<Command> context, TimerScheduler<Command> timers, Database database, String storeId) {
    this.context = context;
    this.timers = timers;
    this.book = new MemberBook(database);
    this.turn = new LeaseRow(database, "entrance", TURN);
    this.cluster = Cluster.get(context.getSystem());
    this.self = Peer.nameOf(cluster.selfMember().address());
    this.wayIn = new WayIn(self, context.getSystem().settings().config().getStringList("clipper.cluster.join"));
    this.incarnation = Incarnation.here();
    // The same after a restart, which need not wait for the end of a turn that its predecessor held; another on a machine of the same address.
    this.turnOwner = UUID.nameUUIDFromBytes((incarnation.machine() + " " + self).getBytes(StandardCharsets.UTF_8)).toString();
    this.store = NodeRoles.store(storeId);
    this.shared = !database.isH2();
    this.members = new Members(self, List.of(), Set.of(), Set.of());
    this.keeper = context.spawn(MemberBookActor.create(book, () -> turn.release(turnOwner), self, incarnation, shared), "book");
  }

  /** Starts it, and the desk for the lease that decides after a split. */
  public static void start(ActorSystem<?> system, ActorRef<MembersActor.Command> members, Database database) {
    String storeId = Schema.storeId(database);
    system.systemActorOf(LeaseDesk.create(new LeaseRow(database, "split", SPLIT), Aside.THREADS), "clipper-lease", Props.empty());
    system.systemActorOf(
        Behaviors.<Command>setup(context -> Behaviors.withTimers(timers -> new EntranceActor(context, timers, database, storeId).entering(members))),
        "clipper-entrance",
        Props.empty());
  }

  /** The settings of a node over that database, which shows the others which it is. */
  public static Config shown(Config config, Database database) {
    Set<String> roles = new HashSet<>(config.getStringList("pekko.cluster.roles"));
    roles.add(NodeRoles.store(Schema.storeId(database)));
    return config.withValue("pekko.cluster.roles", ConfigValueFactory.fromIterable(roles));
  }

  /** Whether Pekko was told whom to join, as by a program that embeds a node: then it does. */
  private static boolean isGuided(Config config) {
    return !config.getStringList("pekko.cluster.seed-nodes").isEmpty();
  }

  private Behavior<Command> entering(ActorRef<MembersActor.Command> watched) {
    Config config = context.getSystem().settings().config();
    watched.tell(new MembersActor.Watch(context.messageAdapter(Members.class, MembersAre::new)));
    if (!isGuided(config)) {
      look();
      startPatience(config);
    }
    return Behaviors.receiveMessage(
        command ->
            switch (command) {
              case TimeToTry due -> {
                look();
                yield Behaviors.same();
              }
              case Looked(var look) -> enter(look);
              case NotLooked() -> tryAgain(PAUSE);
              case MembersAre(var now) -> follow(now);
              case PatienceIsOver() -> isIn() || decided ? Behaviors.same() : endUnanswered();
              case Forgotten forgotten -> Behaviors.same();
            });
  }

  /** A node that was told of others has been told wrong where none of them is found; any other waits for what its book says. */
  private void startPatience(Config config) {
    String setting = "pekko.cluster.shutdown-after-unsuccessful-join-seed-nodes";
    if (!wayIn.named().isEmpty() && !config.getString(setting).equals("off")) {
      timers.startSingleTimer(PatienceIsOver.class, new PatienceIsOver(), config.getDuration(setting));
    }
  }

  private boolean isIn() {
    return members.isInReach(self);
  }

  private void look() {
    if (isIn() || decided) {
      return;
    }
    context.pipeToSelf(Aside.call(this::lookInTurn), (look, failed) -> failed == null ? look : new NotLooked());
  }

  /** Who joins others needs no turn, and keeps nobody from it: a node that cannot reach them must not hold up one that can. */
  private Command lookInTurn() throws SQLException {
    Look look = lookNow();
    if (!look.isFirst()) {
      return new Looked(look);
    }
    if (!turn.take(turnOwner)) {
      return new NotLooked();
    }
    Look inTurn = lookNow();
    if (!inTurn.isFirst()) {
      turn.release(turnOwner);
    }
    return new Looked(inTurn);
  }

  private Look lookNow() throws SQLException {
    Known all = book.known();
    // One on this machine is this node's predecessor: two do not listen at one port.
    Optional<Signature> stranger =
        shared ? book.signature(self).filter(signature -> !signature.of().machine().equals(incarnation.machine())) : Optional.empty();
    return new Look(all, stranger, stranger.isEmpty() && wayIn.mayBeFirst(all));
  }

  private Behavior<Command> enter(Look look) {
    if (look.stranger().isPresent()) {
      return doubt(look.stranger().get());
    }
    known = look.known();
    decided = look.isFirst();
    keeper.tell(new MemberBookActor.Remembered(known.all()));
    List<Address> seeds = wayIn.seeds(known).stream().map(this::address).toList();
    if (decided && seeds.size() == 1) {
      cluster.manager().tell(Join.create(seeds.getFirst()));
      return Behaviors.same();
    }
    fruitless++;
    if (fruitless == 2) {
      context.getLog().warn("waiting for {}: {}", String.join(", ", wayIn.seeds(known)), whatIsWrong());
    }
    cluster.manager().tell(new JoinSeedNodes(seeds));
    return tryAgain(ANOTHER_TRY);
  }

  private Behavior<Command> tryAgain(Duration later) {
    timers.startSingleTimer(TimeToTry.class, new TimeToTry(), later);
    return Behaviors.same();
  }

  /** A signature may be the last of a node that is gone, as this one's before its machine was changed. The next one is not. */
  private Behavior<Command> doubt(Signature stranger) {
    if (doubt.isEmpty()) {
      context.getLog().warn("{} signed in the database from machine {}: waiting whether it does again", self, stranger.of().host());
    } else if (!doubt.get().equals(stranger)) {
      return end(
          new Refused(
              Refused.Reason.CONFLICT,
              "%s is in use by a node of machine %s over the same database: give this one an address of its own by --host, --advertise or --cluster-port"
                  .formatted(self, stranger.of().host())));
    }
    doubt = Optional.of(stranger);
    return tryAgain(PAUSE);
  }

  private Behavior<Command> follow(Members now) {
    members = now;
    Optional<Peer> other = now.withAnotherStore(store);
    if (other.isPresent()) {
      return forget(other.get());
    }
    keeper.tell(new MemberBookActor.MembersAre(now));
    return Behaviors.same();
  }

  /** An address that the book remembers may be another cluster's by now: it is not to be asked again. */
  private Behavior<Command> forget(Peer other) {
    Set<String> strangers = new HashSet<>(members.all());
    strangers.remove(self);
    String words =
        wayIn.named().isEmpty()
            ? "%s, which this node's database remembers, keeps its state in another database by now: it is forgotten; start this node again"
            : "%s keeps its state in another database than this node: give the --jdbc URL of its cluster, or another --join";
    Refused because = new Refused(Refused.Reason.CONFLICT, words.formatted(other.address()));
    context.pipeToSelf(
        Aside.call(
            () -> {
              book.write(Set.of(), strangers);
              return because;
            }),
        (done, failed) -> new Forgotten(because));
    return leaving();
  }

  private Behavior<Command> leaving() {
    return Behaviors.receiveMessage(command -> command instanceof Forgotten(var because) ? end(because) : Behaviors.same());
  }

  private Behavior<Command> endUnanswered() {
    String words =
        known.hasLivingBeside(self)
            ? "%s: %s".formatted(String.join(", ", wayIn.seeds(known)), whatIsWrong())
            : "no node of a cluster answers at %s: see --join".formatted(wayIn.named());
    return end(new Refused(Refused.Reason.UNAVAILABLE, words));
  }

  private String whatIsWrong() {
    return known.hasLivingBeside(self)
        ? "signed in the database within %d s, and cannot be reached".formatted(Signatures.FRESH.toSeconds())
        : "none answers, and this node was told to join them";
  }

  private Behavior<Command> end(Refused because) {
    CoordinatedShutdown.get(context.getSystem()).runAll(new NotLetIn(because));
    return Behaviors.stopped();
  }

  private Address address(String hostPort) {
    return AddressFromURIString.parse("%s://%s@%s".formatted(cluster.selfMember().address().protocol(), context.getSystem().name(), hostPort));
  }
}
