package io.clipper.replica;

import io.clipper.ReplyTo;
import io.clipper.cache.Lookups;
import io.clipper.cache.PredictionCache;
import io.clipper.model.Input;
import io.clipper.model.ModelId;
import io.clipper.model.Output;
import io.clipper.replica.Flight.Leg;
import io.clipper.replica.Flight.Replica;
import io.clipper.replica.Flight.Waiter;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;

/**
 * One node's way to the replicas of one model version. An input is on its way once, however many wait for it, and as long as the last of
 * them has time; its answer fills the cache, also when it is late.
 */
public final class ReplicaRouterActor {
  public sealed interface Command {}

  /**
   * Every ask has one reply, unless its replica never answers: the asker keeps its own deadline. Where it is the way to another node that
   * lost it, that reply comes long after.
   *
   * @param deadlineNanos on this node's clock
   * @param correlation the asker's own number for it
   * @param replyTo in this JVM; all that one asker asks has one share of the model
   */
  public record Ask(Input input, long deadlineNanos, long correlation, ReplyTo<Reply> replyTo) implements Command {}

  /** Its asker wants no answer any more. What nobody waits for leaves its replica's queue before it is computed. */
  public record Withdraw(Input input, long correlation, ReplyTo<Reply> replyTo) implements Command {}

  /** A replica that is ready. */
  public record Joined(ActorRef<ModelReplicaActor.Command> replica) implements Command {}

  /** A replica that takes nothing new; what it holds it still answers. */
  public record Left(ActorRef<ModelReplicaActor.Command> replica) implements Command {}

  /** A replica of a node that does not answer: what it holds is asked elsewhere, and no input is to blame for it. */
  public record Unreachable(ActorRef<ModelReplicaActor.Command> replica) implements Command {}

  /** A replica of this node has stopped by itself, and its successor is not there before that. */
  public record Restarting(Duration pause) implements Command {}

  /** The version is gone: what is on its way is answered, then the router stops. */
  public record Close() implements Command {}

  private record Died(ActorRef<ModelReplicaActor.Command> replica) implements Command {}

  private record Silent(ActorRef<ModelReplicaActor.Command> replica) implements Command {}

  private record Replied(ModelReplicaActor.Reply reply) implements Command {}

  private record HedgeDue() implements Command {}

  private record StrandedDue() implements Command {}

  private record SilenceDue() implements Command {}

  public sealed interface Reply {
    long correlation();

    ModelId model();
  }

  /** @param cached whether it was known, and no replica was asked */
  public record Answered(long correlation, ModelId model, Output output, boolean cached) implements Reply {
    /** Of a replica. */
    public Answered(long correlation, ModelId model, Output output) {
      this(correlation, model, output, false);
    }
  }

  public record Unanswered(long correlation, ModelId model, Reason reason, String message) implements Reply {}

  public enum Reason {
    NO_REPLICA,
    EXPIRED,
    OVERLOADED,
    FAILED,
    /** Refused as in overload, where it is the model that is to blame. */
    TOO_SLOW;

    /** Whether it was not let in, as its answer would have come too late. */
    public boolean isRefusal() {
      return this == OVERLOADED || this == TOO_SLOW;
    }
  }

  /**
   * So long behind its deadline a flight at another node is given up, as the way there or back has lost it: longer than a replica holds what is
   * late, and soon enough that what is lost does not count as that replica's load for long.
   */
  private static final long SILENCE_NANOS = 5_000_000_000L;

  /** While flights are at other nodes it is looked so often whether one is lost. */
  private static final long LOOK_FOR_SILENCE_NANOS = 1_000_000_000L;

  private final ActorContext<Command> context;
  private final ModelId model;
  private final BooleanSupplier cached;
  private final PredictionCache cache;
  private final Lookups lookups;
  private final int maxFlights;
  private final LongSupplier nanoClock;
  /** For the first that may be due; while there is one replica there is none. */
  private final OneAlarm<Command> hedgeAlarm;

  private final OneAlarm<Command> strandedAlarm;

  /** For all: it is seldom that anything is lost, and whoever waited has been answered by its own deadline. */
  private final OneAlarm<Command> silenceAlarm;

  private final RandomGenerator random;
  private final ActorRef<ModelReplicaActor.Reply> replies;
  private final Map<Input, Flight> byInput = new HashMap<>();
  private final Map<Long, Leg> legs = new HashMap<>();
  /** Those that may be copied yet, in the order in which they were sent. */
  private final Deque<Leg> copyable = new ArrayDeque<>();
  private final Hedging hedging = new Hedging();
  private final Suspects suspects = new Suspects();
  private final StrandedFlights stranded = new StrandedFlights();
  private final FairShares<ReplyTo<Reply>> shares = new FairShares<>();
  private final List<Replica> replicas = new ArrayList<>();
  private long legsMade;
  /** Whether the last replica was not lost, but sent away. */
  private boolean noneExpected;
  private boolean closing;

  private ReplicaRouterActor(
      ActorContext<Command> context,
      ModelId model,
      BooleanSupplier cached,
      PredictionCache cache,
      RouterSettings settings,
      LongSupplier nanoClock,
      Alarms alarms,
      RandomGenerator random) {
    this.context = context;
    this.model = model;
    this.cached = cached;
    this.cache = cache;
    this.lookups = cache.lookups(model);
    this.maxFlights = settings.maxFlights();
    this.nanoClock = nanoClock;
    this.hedgeAlarm = new OneAlarm<>(alarms, context.getSelf(), new HedgeDue());
    this.strandedAlarm = new OneAlarm<>(alarms, context.getSelf(), new StrandedDue());
    this.silenceAlarm = new OneAlarm<>(alarms, context.getSelf(), new SilenceDue());
    this.random = random;
    this.replies = context.messageAdapter(ModelReplicaActor.Reply.class, Replied::new);
  }

  /** @param cached whether the version's answers may be kept; asked each time, as the catalog may hear of it later than the first query */
  public static Behavior<Command> create(
      ModelId model,
      BooleanSupplier cached,
      PredictionCache cache,
      RouterSettings settings,
      LongSupplier nanoClock,
      Alarms alarms,
      RandomGenerator random) {
    return Behaviors.setup(
        context -> new ReplicaRouterActor(context, model, cached, cache, settings, nanoClock, alarms, random).routing());
  }

  private Behavior<Command> routing() {
    return Behaviors.receiveMessage(
        command -> {
          switch (command) {
            case Ask ask -> ask(ask);
            case Withdraw withdraw -> withdraw(withdraw);
            case Replied(var reply) -> onReply(reply);
            case Joined(var replica) -> join(replica);
            case Left(var replica) -> {
              leave(replica);
              noneExpected = replicas.isEmpty();
              abandonUnlessExpected();
            }
            case Unreachable(var replica) -> {
              leave(replica);
              suspects.spared(replica);
              noneExpected = replicas.isEmpty();
              bury(replica, flight -> askAgain(flight, "its replica's node is out of reach"));
            }
            case Restarting(var pause) -> {
              stranded.expectBack(pause.toNanos(), nanoClock.getAsLong());
              abandon();
            }
            case Died(var replica) -> {
              leave(replica);
              // Behind what it said last, which waits in the mailbox still: what it has answered or given back is not lost.
              context.getSelf().tell(new Silent(replica));
            }
            case Silent(var replica) -> {
              suspects.lostCopy(replica, nanoClock.getAsLong());
              bury(replica, flight -> survive(flight, "its replica stopped"));
            }
            case HedgeDue due -> hedge();
            case StrandedDue due -> {
              strandedAlarm.rang();
              abandon();
            }
            case SilenceDue due -> {
              silenceAlarm.rang();
              giveUpTheSilent();
            }
            case Close close -> {
              closing = true;
              // With what was kept since the node emptied it over the same deletion.
              cache.clear();
              abandonUnlessExpected();
            }
          }
          return closing && byInput.isEmpty() ? Behaviors.stopped() : Behaviors.same();
        });
  }

  private void ask(Ask ask) {
    Waiter waiter = new Waiter(ask.deadlineNanos(), ask.correlation(), ask.replyTo());
    Flight flight = byInput.get(ask.input());
    if (flight != null) {
      lookups.coalesced();
      follow(flight, waiter);
      return;
    }
    // The asker looked before it asked, and the answer may have come since.
    Optional<Output> known = cached.getAsBoolean() ? cache.lookup(ask.input()).by(model) : Optional.empty();
    if (known.isPresent()) {
      lookups.hit();
      waiter.replyTo().tell(new Answered(waiter.correlation(), model, known.get(), true));
      return;
    }
    lookups.miss();
    long now = nanoClock.getAsLong();
    shares.asked(ask.replyTo(), now);
    Optional<Replica> replica = closing ? Optional.empty() : Routing.choose(replicas, now, random);
    if (replica.isEmpty()) {
      refuse(waiter, Reason.NO_REPLICA, "no replica of %s is ready".formatted(model));
    } else if (ask.deadlineNanos() - now <= 0) {
      refuse(waiter, Reason.EXPIRED, "its deadline passed before it was asked");
    } else if (suspects.isConvicted(ask.input(), now)) {
      refuse(waiter, Reason.FAILED, convicted());
    } else if (byInput.size() >= maxFlights) {
      refuse(waiter, Reason.OVERLOADED, "%d inputs are on their way to %s already".formatted(maxFlights, model));
    } else if (!shares.hasShare(ask.replyTo(), now)) {
      refuse(waiter, Reason.OVERLOADED, "%s is overloaded, and this application has its share of it".formatted(model));
    } else {
      Flight first = new Flight(ask.input(), waiter);
      byInput.put(first.input, first);
      shares.sent(first.owner);
      send(first, replica.get());
    }
  }

  private void withdraw(Withdraw withdraw) {
    Flight flight = byInput.get(withdraw.input());
    if (flight != null) {
      boolean awaited =
          flight.isAwaitedWithout(waiter -> waiter.correlation() == withdraw.correlation() && waiter.replyTo().equals(withdraw.replyTo()));
      if (!awaited) {
        forget(flight);
      }
    }
  }

  private void follow(Flight flight, Waiter waiter) {
    if (flight.follow(waiter)) {
      for (Leg leg : flight.legs) {
        long answerBy = leg.replica().answerBy(flight.deadlineNanos(), nanoClock.getAsLong());
        leg.replica().ref().tell(new ModelReplicaActor.Postpone(leg.number(), answerBy, replies));
      }
    }
  }

  private void send(Flight flight, Replica replica) {
    if (replicas.size() > 1) {
      hedging.sent(busyReplicas(), replicas.size());
    }
    Leg leg = addLeg(flight, replica);
    flight.sentAt = leg.sentAt();
    if (replicas.size() > 1) {
      copyable.add(leg);
      setHedgeAlarm();
    }
  }

  private int busyReplicas() {
    int busy = 0;
    for (Replica each : replicas) {
      busy += each.load().outstanding() > 0 ? 1 : 0;
    }
    return busy;
  }

  private Leg addLeg(Flight flight, Replica replica) {
    long now = nanoClock.getAsLong();
    Leg leg = new Leg(flight, legsMade++, replica, replica.load().sent(now), now);
    flight.legs.add(leg);
    legs.put(leg.number(), leg);
    long answerBy = replica.answerBy(flight.deadlineNanos(), now);
    replica
        .ref()
        .tell(
            suspects.isSuspect(flight.input, now)
                ? new ModelReplicaActor.PredictAlone(leg.number(), flight.input, answerBy, replies)
                : new ModelReplicaActor.Predict(leg.number(), flight.input, answerBy, replies));
    if (!replica.local()) {
      setSilenceAlarm();
    }
    return leg;
  }

  private void setSilenceAlarm() {
    silenceAlarm.setAt(nanoClock.getAsLong() + LOOK_FOR_SILENCE_NANOS);
  }

  private void giveUpTheSilent() {
    long now = nanoClock.getAsLong();
    boolean someAreAway = false;
    for (Leg leg : List.copyOf(legs.values())) {
      if (leg.replica().local()) {
        continue;
      }
      if (leg.flight().budgetNanos(now) + SILENCE_NANOS > 0) {
        someAreAway = true;
        continue;
      }
      legs.remove(leg.number());
      leg.flight().legs.remove(leg);
      leg.replica().load().lost();
      if (leg.flight().legs.isEmpty()) {
        giveUp(leg.flight(), Reason.EXPIRED, "nothing was heard of it from another node");
      }
    }
    if (someAreAway) {
      setSilenceAlarm();
    }
  }

  private void setHedgeAlarm() {
    OptionalLong delay = hedging.delayNanos();
    Leg first = copyable.peek();
    if (first != null && delay.isPresent()) {
      hedgeAlarm.setAt(first.sentAt() + delay.getAsLong());
    }
  }

  private void hedge() {
    hedgeAlarm.rang();
    long now = nanoClock.getAsLong();
    long delay = hedging.delayNanos().orElse(Long.MAX_VALUE);
    for (Leg leg = copyable.peek(); leg != null && (now - leg.sentAt() >= delay || !legs.containsKey(leg.number())); leg = copyable.peek()) {
      copyable.remove();
      if (legs.containsKey(leg.number())) {
        copy(leg, now);
      }
    }
    setHedgeAlarm();
  }

  private void copy(Leg leg, long now) {
    Flight flight = leg.flight();
    if (flight.legs.size() == 1 && flight.budgetNanos(now) > 0 && !suspects.isSuspect(flight.input, now)) {
      Routing.choose(replicas, replica -> !replica.equals(leg.replica()), now, random)
          .filter(other -> hedging.mayCopy())
          .ifPresent(other -> addLeg(flight, other));
    }
  }

  private void onReply(ModelReplicaActor.Reply reply) {
    Leg leg = legs.remove(reply.flight());
    if (leg == null) {
      return; // its replica was given up, or another was faster
    }
    Flight flight = leg.flight();
    flight.legs.remove(leg);
    ReplicaLoad load = leg.replica().load();
    long now = nanoClock.getAsLong();
    switch (reply) {
      case ModelReplicaActor.Predicted(var number, var output, var heldNanos) -> {
        leg.replica().answered(now - leg.sentAt(), heldNanos);
        load.answered(now, leg.held(), now - leg.sentAt());
        hedging.answered(now - flight.sentAt);
        suspects.cleared(flight.input);
        suspects.spared(leg.replica().ref());
        land(flight, output);
      }
      case ModelReplicaActor.NotPredicted refused -> {
        switch (refused.reason()) {
          case FAILED -> {
            load.failed(now, leg.held(), now - leg.sentAt());
            suspects.cleared(flight.input);
            suspects.spared(leg.replica().ref());
          }
          case UNRETURNED -> {
            load.failed(now, leg.held(), now - leg.sentAt());
            suspects.unreturned(leg.replica().ref(), flight.input);
          }
          case BLOCKED -> load.failed(now, leg.held(), now - leg.sentAt());
          // It never reached the model, which is right for whoever has more time.
          case TOO_SLOW -> load.refused(now, flight.budgetNanos(now));
          case OVERLOADED -> {
            load.refused(now, flight.budgetNanos(now));
            shares.refused(now);
          }
          case EXPIRED -> load.dropped();
          case STOPPED -> {
            load.dropped();
            leave(leg.replica().ref());
          }
          case LOST -> {
            load.dropped();
            leave(leg.replica().ref());
            survive(flight, refused.message());
            return;
          }
        }
        if (flight.legs.isEmpty()) {
          notAnswered(leg, refused.reason(), refused.message());
        }
      }
    }
  }

  private void notAnswered(Leg leg, ModelReplicaActor.Reason reason, String message) {
    Flight flight = leg.flight();
    switch (reason) {
      case FAILED -> giveUp(flight, Reason.FAILED, message);
      case OVERLOADED -> giveUp(flight, Reason.OVERLOADED, message);
      case TOO_SLOW -> giveUp(flight, Reason.TOO_SLOW, message);
      case EXPIRED -> {
        if (flight.takesAnotherChance()) {
          // Who has no more than a way there and back would have it dropped again.
          refuseBefore(flight, leg.replica().soonest(nanoClock.getAsLong()), Reason.EXPIRED, message);
          if (!flight.waiters.isEmpty()) {
            askAgain(flight, message);
          }
        } else {
          giveUp(flight, Reason.EXPIRED, message);
        }
      }
      case UNRETURNED, BLOCKED -> askAgain(flight, Reason.FAILED, message);
      case STOPPED -> askAgain(flight, message);
      case LOST -> survive(flight, message);
    }
  }

  /**
   * All who wait hear of it, also who is past its deadline: a late answer is still an observation. Of a version that is gone it is not kept, as
   * that may come back with other content.
   */
  private void land(Flight flight, Output output) {
    forget(flight);
    if (!closing && cached.getAsBoolean()) {
      cache.put(flight.input, model, output);
    }
    flight.waiters.forEach(waiter -> waiter.replyTo().tell(new Answered(waiter.correlation(), model, output)));
  }

  private void forget(Flight flight) {
    byInput.remove(flight.input);
    stranded.remove(flight);
    shares.landed(flight.owner);
    for (Leg unwanted : flight.legs) {
      legs.remove(unwanted.number());
      unwanted.replica().load().dropped();
      unwanted.replica().ref().tell(new ModelReplicaActor.Cancel(unwanted.number(), replies));
    }
  }

  private void giveUp(Flight flight, Reason reason, String message) {
    forget(flight);
    flight.waiters.forEach(waiter -> refuse(waiter, reason, message));
  }

  private void askAgain(Flight flight, String message) {
    askAgain(flight, Reason.EXPIRED, message);
  }

  /**
   * For those who have time left; while another replica may still answer there is nothing to do.
   *
   * @param reason of those who have none
   */
  private void askAgain(Flight flight, Reason reason, String message) {
    if (!flight.legs.isEmpty()) {
      return;
    }
    long now = nanoClock.getAsLong();
    refuseBefore(flight, now, reason, message);
    if (!flight.waiters.isEmpty()) {
      Routing.choose(replicas, now, random).ifPresentOrElse(replica -> send(flight, replica), () -> strand(flight));
    }
  }

  /** Those whose deadline is not behind that moment wait no longer; with the last of them the flight ends. */
  private void refuseBefore(Flight flight, long nanos, Reason reason, String message) {
    boolean awaited =
        flight.isAwaitedWithout(
            waiter -> {
              boolean late = waiter.deadlineNanos() - nanos <= 0;
              if (late) {
                refuse(waiter, reason, message);
              }
              return late;
            });
    if (!awaited) {
      forget(flight);
    }
  }

  private void strand(Flight flight) {
    stranded.add(flight);
    abandonUnlessExpected();
    abandon();
  }

  private void abandonUnlessExpected() {
    if (closing || noneExpected) {
      stranded.all().forEach(flight -> giveUp(flight, Reason.NO_REPLICA, noneLeft()));
    }
  }

  /** Those who cannot wait until a replica is back; while one is here, nothing is stranded. */
  private void abandon() {
    long soonest = stranded.soonest(nanoClock.getAsLong());
    stranded.all().forEach(flight -> refuseBefore(flight, soonest, Reason.NO_REPLICA, noneLeft()));
    setStrandedAlarm();
  }

  private void setStrandedAlarm() {
    stranded.firstDeadline(nanoClock.getAsLong()).ifPresent(strandedAlarm::setAt);
  }

  private void join(ActorRef<ModelReplicaActor.Command> ref) {
    if (replicas.stream().noneMatch(replica -> replica.ref().equals(ref))) {
      context.watchWith(ref, new Died(ref));
      replicas.add(new Replica(ref));
      noneExpected = false;
      stranded.rescued().forEach(flight -> askAgain(flight, noneLeft()));
    }
  }

  private void leave(ActorRef<ModelReplicaActor.Command> ref) {
    replicas.removeIf(replica -> replica.ref().equals(ref));
  }

  private void bury(ActorRef<ModelReplicaActor.Command> ref, Consumer<Flight> mourn) {
    for (Leg leg : List.copyOf(legs.values())) {
      if (leg.replica().ref().equals(ref)) {
        legs.remove(leg.number());
        leg.flight().legs.remove(leg);
        mourn.accept(leg.flight());
      }
    }
  }

  /** The input may be why its replica was lost. */
  private void survive(Flight flight, String message) {
    long now = nanoClock.getAsLong();
    suspects.lost(flight.input, now);
    if (suspects.isConvicted(flight.input, now)) {
      giveUp(flight, Reason.FAILED, "%s: %s".formatted(convicted(), message));
    } else {
      askAgain(flight, message);
    }
  }

  private String convicted() {
    return "2 replicas of %s stopped while they held this input".formatted(model);
  }

  private String noneLeft() {
    return "no replica of %s is left".formatted(model);
  }

  private void refuse(Waiter waiter, Reason reason, String message) {
    waiter.replyTo().tell(new Unanswered(waiter.correlation(), model, reason, message));
  }
}
