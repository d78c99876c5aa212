package io.clipper.replica;

import io.clipper.cache.PredictionCache;
import io.clipper.model.Input;
import io.clipper.model.ModelId;
import io.clipper.model.Output;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
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
   * Every ask has one reply, unless its replica never answers: the asker keeps its own deadline.
   *
   * @param deadlineNanos on this node's clock
   * @param correlation the asker's own number for it
   */
  public record Ask(Input input, long deadlineNanos, long correlation, ActorRef<Reply> replyTo) implements Command {}

  /** A replica that is ready. */
  public record Joined(ActorRef<ModelReplicaActor.Command> replica) implements Command {}

  /** A replica that takes nothing new; what it holds it still answers. */
  public record Left(ActorRef<ModelReplicaActor.Command> replica) implements Command {}

  /** The version is gone: what is on its way is answered, then the router stops. */
  public record Close() implements Command {}

  private record Died(ActorRef<ModelReplicaActor.Command> replica) implements Command {}

  private record Silent(ActorRef<ModelReplicaActor.Command> replica) implements Command {}

  private record Replied(ModelReplicaActor.Reply reply) implements Command {}

  public sealed interface Reply {
    long correlation();

    ModelId model();
  }

  public record Answered(long correlation, ModelId model, Output output) implements Reply {}

  public record Unanswered(long correlation, ModelId model, Reason reason, String message) implements Reply {}

  public enum Reason {
    NO_REPLICA,
    EXPIRED,
    OVERLOADED,
    FAILED
  }

  private record Waiter(long deadlineNanos, long correlation, ActorRef<Reply> replyTo) {}

  private record Replica(ActorRef<ModelReplicaActor.Command> ref, boolean local, ReplicaLoad load) {}

  private static final class Flight {
    private final Input input;
    private final List<Waiter> waiters = new ArrayList<>(1);
    private Replica replica;
    private long number;
    private long deadlineNanos;
    private long sentAt;
    private int deaths;
    /** Whether a refusal for lateness may be answered by asking again: its deadline was moved since, or it is the first. */
    private boolean anotherChance = true;

    private Flight(Input input, Waiter first, Replica replica) {
      this.input = input;
      this.waiters.add(first);
      this.deadlineNanos = first.deadlineNanos();
      this.replica = replica;
    }
  }

  /** An input whose replica died that often may be the cause. */
  private static final int MOST_DEATHS = 2;
  /** Up to so many replicas all are looked at; beyond, two by chance do almost as well. */
  private static final int LOOK_AT_ALL = 8;

  private final ActorContext<Command> context;
  private final ModelId model;
  private final BooleanSupplier cached;
  private final PredictionCache cache;
  private final int maxFlights;
  private final LongSupplier nanoClock;
  private final RandomGenerator random;
  private final ActorRef<ModelReplicaActor.Reply> replies;
  private final Map<Input, Flight> byInput = new HashMap<>();
  private final Map<Long, Flight> byNumber = new HashMap<>();
  private final List<Replica> replicas = new ArrayList<>();
  private long flights;
  private boolean closing;

  private ReplicaRouterActor(
      ActorContext<Command> context,
      ModelId model,
      BooleanSupplier cached,
      PredictionCache cache,
      RouterSettings settings,
      LongSupplier nanoClock,
      RandomGenerator random) {
    this.context = context;
    this.model = model;
    this.cached = cached;
    this.cache = cache;
    this.maxFlights = settings.maxFlights();
    this.nanoClock = nanoClock;
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
      RandomGenerator random) {
    return Behaviors.setup(
        context -> new ReplicaRouterActor(context, model, cached, cache, settings, nanoClock, random).routing());
  }

  private Behavior<Command> routing() {
    return Behaviors.receiveMessage(
        command -> {
          switch (command) {
            case Ask ask -> ask(ask);
            case Replied(var reply) -> onReply(reply);
            case Joined(var replica) -> join(replica);
            case Left(var replica) -> leave(replica);
            case Died(var replica) -> {
              leave(replica);
              // Behind what it said last, which waits in the mailbox still: what it has answered or given back is not lost.
              context.getSelf().tell(new Silent(replica));
            }
            case Silent(var replica) -> bury(replica);
            case Close close -> closing = true;
          }
          return closing && byInput.isEmpty() ? Behaviors.stopped() : Behaviors.same();
        });
  }

  private void ask(Ask ask) {
    Waiter waiter = new Waiter(ask.deadlineNanos(), ask.correlation(), ask.replyTo());
    Flight flight = byInput.get(ask.input());
    if (flight != null) {
      follow(flight, waiter);
      return;
    }
    // The asker looked before it asked, and the answer may have come since.
    Optional<Output> known = cached.getAsBoolean() ? cache.lookup(ask.input()).by(model) : Optional.empty();
    if (known.isPresent()) {
      waiter.replyTo().tell(new Answered(waiter.correlation(), model, known.get()));
      return;
    }
    Optional<Replica> replica = closing ? Optional.empty() : best();
    if (replica.isEmpty()) {
      refuse(waiter, Reason.NO_REPLICA, "no replica of %s is ready".formatted(model));
    } else if (ask.deadlineNanos() - nanoClock.getAsLong() <= 0) {
      refuse(waiter, Reason.EXPIRED, "its deadline passed before it was asked");
    } else if (byInput.size() >= maxFlights) {
      refuse(waiter, Reason.OVERLOADED, "%d inputs are on their way to %s already".formatted(maxFlights, model));
    } else {
      Flight first = new Flight(ask.input(), waiter, replica.get());
      byInput.put(first.input, first);
      send(first, replica.get());
    }
  }

  private void follow(Flight flight, Waiter waiter) {
    flight.waiters.add(waiter);
    if (waiter.deadlineNanos() - flight.deadlineNanos > 0) {
      flight.deadlineNanos = waiter.deadlineNanos();
      flight.anotherChance = true;
      flight.replica.ref().tell(new ModelReplicaActor.Postpone(flight.number, budgetMicros(flight), replies));
    }
  }

  private void send(Flight flight, Replica replica) {
    long now = nanoClock.getAsLong();
    flight.replica = replica;
    flight.number = flights++;
    flight.sentAt = now;
    byNumber.put(flight.number, flight);
    replica.load().sent(now);
    replica.ref().tell(new ModelReplicaActor.Predict(flight.number, flight.input, budgetMicros(flight), replies));
  }

  private void onReply(ModelReplicaActor.Reply reply) {
    Flight flight = byNumber.remove(reply.flight());
    if (flight == null) {
      return; // its replica was given up, and the flight went elsewhere
    }
    ReplicaLoad load = flight.replica.load();
    switch (reply) {
      case ModelReplicaActor.Predicted(var number, var output) -> {
        load.answered(nanoClock.getAsLong(), nanoClock.getAsLong() - flight.sentAt);
        land(flight, output);
      }
      case ModelReplicaActor.NotPredicted(var number, var reason, var message) -> {
        switch (reason) {
          case FAILED -> {
            load.answered(nanoClock.getAsLong(), nanoClock.getAsLong() - flight.sentAt);
            giveUp(flight, Reason.FAILED, message);
          }
          case OVERLOADED -> {
            load.dropped();
            giveUp(flight, Reason.OVERLOADED, message);
          }
          case EXPIRED -> {
            load.dropped();
            if (flight.anotherChance) {
              flight.anotherChance = false;
              askAgain(flight, message);
            } else {
              giveUp(flight, Reason.EXPIRED, message);
            }
          }
          case STOPPED -> {
            load.dropped();
            leave(flight.replica.ref());
            askAgain(flight, message);
          }
          case LOST -> {
            load.dropped();
            leave(flight.replica.ref());
            survive(flight, message);
          }
        }
      }
    }
  }

  /** All who wait hear of it, also who is past its deadline: a late answer is still an observation. */
  private void land(Flight flight, Output output) {
    byInput.remove(flight.input);
    if (cached.getAsBoolean()) {
      cache.put(flight.input, model, output);
    }
    flight.waiters.forEach(waiter -> waiter.replyTo().tell(new Answered(waiter.correlation(), model, output)));
  }

  private void giveUp(Flight flight, Reason reason, String message) {
    byInput.remove(flight.input);
    flight.waiters.forEach(waiter -> refuse(waiter, reason, message));
  }

  /** For those who have time left. */
  private void askAgain(Flight flight, String message) {
    long now = nanoClock.getAsLong();
    flight.waiters.removeIf(
        waiter -> {
          boolean late = waiter.deadlineNanos() - now <= 0;
          if (late) {
            refuse(waiter, Reason.EXPIRED, message);
          }
          return late;
        });
    if (flight.waiters.isEmpty()) {
      byInput.remove(flight.input);
      return;
    }
    best()
        .ifPresentOrElse(
            replica -> send(flight, replica),
            () -> giveUp(flight, Reason.NO_REPLICA, "no replica of %s is left".formatted(model)));
  }

  private void join(ActorRef<ModelReplicaActor.Command> ref) {
    if (replicas.stream().noneMatch(replica -> replica.ref().equals(ref))) {
      context.watchWith(ref, new Died(ref));
      replicas.add(new Replica(ref, ref.path().address().hasLocalScope(), new ReplicaLoad()));
    }
  }

  private void leave(ActorRef<ModelReplicaActor.Command> ref) {
    replicas.removeIf(replica -> replica.ref().equals(ref));
  }

  private void bury(ActorRef<ModelReplicaActor.Command> ref) {
    List<Flight> lost = byInput.values().stream().filter(flight -> flight.replica.ref().equals(ref)).toList();
    for (Flight flight : lost) {
      byNumber.remove(flight.number);
      survive(flight, "its replica stopped");
    }
  }

  private void survive(Flight flight, String message) {
    flight.deaths++;
    if (flight.deaths >= MOST_DEATHS) {
      giveUp(flight, Reason.FAILED, "%d replicas of %s stopped while they held this input: %s".formatted(flight.deaths, model, message));
    } else {
      askAgain(flight, message);
    }
  }

  private Optional<Replica> best() {
    if (replicas.size() <= LOOK_AT_ALL) {
      return replicas.stream().reduce(this::better);
    }
    int first = random.nextInt(replicas.size());
    int second = (first + 1 + random.nextInt(replicas.size() - 1)) % replicas.size();
    return Optional.of(better(replicas.get(first), replicas.get(second)));
  }

  /** Whoever finishes first; of equals the local one. */
  private Replica better(Replica one, Replica other) {
    long now = nanoClock.getAsLong();
    int byCost = Double.compare(one.load().cost(now), other.load().cost(now));
    return byCost < 0 || (byCost == 0 && (one.local() || !other.local())) ? one : other;
  }

  private void refuse(Waiter waiter, Reason reason, String message) {
    waiter.replyTo().tell(new Unanswered(waiter.correlation(), model, reason, message));
  }

  private long budgetMicros(Flight flight) {
    return Math.max(0, (flight.deadlineNanos - nanoClock.getAsLong()) / 1000);
  }
}
