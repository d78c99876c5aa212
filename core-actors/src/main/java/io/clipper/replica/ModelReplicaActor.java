package io.clipper.replica;

import io.clipper.Refused;
import io.clipper.batch.BatchController;
import io.clipper.batch.Batcher;
import io.clipper.batch.DeadlineQueue.Entry;
import io.clipper.batch.Step;
import io.clipper.model.Input;
import io.clipper.model.Output;
import io.clipper.model.runtime.CopyLostException;
import io.clipper.model.runtime.ModelRuntime;
import io.clipper.wire.WireSettings;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.PostStop;
import org.apache.pekko.actor.typed.Signal;
import org.apache.pekko.actor.typed.SupervisorStrategy;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;

/**
 * Feeds one copy of a model, which it owns. Arrivals queue in the order of their deadlines and leave in batches, as a {@link Batcher} says.
 * The rows of a batch that failed go once more, each alone.
 */
public final class ModelReplicaActor {
  public sealed interface Command {}

  /**
   * @param flight the asker's own number for it
   * @param deadlineNanos on the node's clock; what crosses nodes is the time that is left
   */
  public record Predict(long flight, Input input, long deadlineNanos, ActorRef<Reply> replyTo) implements Command {}

  /** The same for an input that another copy may have ended over: this one gets it while it has nothing else. */
  public record PredictAlone(long flight, Input input, long deadlineNanos, ActorRef<Reply> replyTo) implements Command {}

  /** Gives a flight that waits more time. */
  public record Postpone(long flight, long deadlineNanos, ActorRef<Reply> replyTo) implements Command {}

  /** Nobody wants that flight's answer; one that waits leaves the queue without a reply. */
  public record Cancel(long flight, ActorRef<Reply> replyTo) implements Command {}

  /** What a batch should take at most, from now on. */
  public record Aim(Duration objective) implements Command {}

  /** Answers what waits, takes nothing new, and stops. */
  public record Drain() implements Command {}

  public record GetStatus(ActorRef<Status> replyTo) implements Command {}

  private record Returned(Sent sent, List<Output> outputs, long atNanos) implements Command {}

  private record Broke(Sent sent, Throwable cause, long atNanos) implements Command {}

  private record Woke() implements Command {}

  private record Lost(CopyLostException why) implements Command {}

  public sealed interface Reply {
    long flight();
  }

  /** @param heldNanos from when it was here until it was answered: the rest it was on its way. Empty where an older release does not say */
  public record Predicted(long flight, Output output, OptionalLong heldNanos) implements Reply {}

  public record NotPredicted(long flight, Reason reason, String message) implements Reply {}

  public enum Reason {
    /** Its deadline has passed, or would before an answer could be there. */
    EXPIRED,
    /** The queue is full, or so many are before it that it surely comes too late, or it gave way to them. */
    OVERLOADED,
    /** The model's own error, an answer that is none, or a model that took all the time there was while others waited for it. */
    FAILED,
    /** The replica takes nothing new. */
    STOPPED,
    /** The copy went away while it held this input, which may be why. */
    LOST,
    /** It surely comes too late as well, and not for those before it: the model by itself takes longer than there is time. */
    TOO_SLOW,
    /** Its batch was not back when its time was over, and nothing that was sent later has come back since: if the copy hangs, then over this. */
    UNRETURNED,
    /** The same of a batch that was sent after such a one. */
    BLOCKED
  }

  /**
   * @param batchLimit the most rows of the next batch
   * @param lastFailure what the last batch that failed said, and how long ago, for people to read
   */
  public record Status(int queued, int running, int batchLimit, Optional<String> lastFailure) {
    /** Of one whose batches have all been good. */
    Status(int queued, int running, int batchLimit) {
      this(queued, running, batchLimit, Optional.empty());
    }
  }

  private record Flight(ActorRef<Reply> replyTo, long number) {}

  private record Sent(long number, List<Entry<Flight, Input>> rows, long atNanos) {}

  private record Failure(String message, long atNanos) {}

  /** An alarm that comes so much later than it might is not set anew: each costs its clock's thread a wake-up. */
  private static final long ALARM_SLACK_NANOS = 100_000;
  /** Behind the latest deadline of a batch, as late answers still fill the cache and are judged; after that a batch is given up. */
  private static final Duration LATE_ANSWERS = Duration.ofSeconds(1);
  /** The other end of a wire may give a batch up so much sooner by its own clock. */
  private static final Duration CLOCKS_APART = Duration.ofMillis(10);

  private static final String STOPPING = "the replica is being stopped";
  private static final String NOT_A_NUMBER = "the model's output is not a number (NaN)";

  private final ActorContext<Command> context;
  private final ModelRuntime runtime;
  private final ReplicaMetrics metrics;
  private final LongSupplier nanoClock;
  private final Alarms alarms;
  private final WireSettings wire;
  private final Batcher<Flight, Input> batcher;
  private final Map<Long, CompletionStage<?>> running = new HashMap<>();
  /** The first batch that has not come back in its time, while none has come back since. */
  private OptionalLong unreturned = OptionalLong.empty();
  private Optional<Failure> lastFailure = Optional.empty();
  private OptionalLong wakeAt = OptionalLong.empty();
  private Optional<CopyLostException> lost = Optional.empty();

  private ModelReplicaActor(
      ActorContext<Command> context,
      ModelRuntime runtime,
      Batcher<Flight, Input> batcher,
      ReplicaMetrics metrics,
      LongSupplier nanoClock,
      Alarms alarms) {
    this.context = context;
    this.runtime = runtime;
    this.batcher = batcher;
    this.metrics = metrics;
    this.nanoClock = nanoClock;
    this.alarms = alarms;
    this.wire = WireSettings.of(context.getSystem().settings().config());
  }

  /**
   * The runtime is closed when the actor has stopped, for whatever reason, and the last batch has returned. It fails, with the reason, when
   * the copy is gone.
   *
   * @param queueLimit rows that may wait
   * @param depth batches that the runtime may have at once
   */
  public static Behavior<Command> create(
      ModelRuntime runtime,
      BatchController controller,
      int queueLimit,
      int depth,
      ReplicaMetrics metrics,
      LongSupplier nanoClock,
      Alarms alarms) {
    Behavior<Command> replica =
        Behaviors.setup(
            context -> {
              Batcher<Flight, Input> batcher = new Batcher<>(controller, queueLimit, depth, nanoClock.getAsLong());
              return new ModelReplicaActor(context, runtime, batcher, metrics, nanoClock, alarms).start();
            });
    // Its parent decides what to do, and says so: the log needs no stack trace beside it.
    return Behaviors.supervise(replica).onFailure(CopyLostException.class, SupervisorStrategy.stop().withLoggingEnabled(false));
  }

  private Behavior<Command> start() {
    metrics.limited(context.getSelf(), batcher.limit());
    context.pipeToSelf(
        runtime.lost(), (why, cause) -> new Lost(cause == null ? why : new CopyLostException("the runtime cannot say whether it lives: " + describe(cause))));
    return serving();
  }

  private Behavior<Command> serving() {
    return phase(
        command ->
            switch (command) {
              case Predict(var flight, var input, var deadline, var replyTo) -> accept(new Flight(replyTo, flight), input, deadline, false);
              case PredictAlone(var flight, var input, var deadline, var replyTo) -> accept(new Flight(replyTo, flight), input, deadline, true);
              case Drain drain -> draining();
              case Aim(var objective) -> aim(objective);
              case Postpone postpone -> postpone(postpone);
              case Cancel(var flight, var replyTo) -> cancel(new Flight(replyTo, flight));
              case GetStatus(var replyTo) -> tellStatus(replyTo);
              case Woke woke -> wake();
              case Returned returned -> returned(returned);
              case Broke broke -> broke(broke);
              case Lost(var why) -> lost(why);
            });
  }

  /** What waits is answered, and then the actor stops. */
  private Behavior<Command> draining() {
    if (isDone()) {
      return Behaviors.stopped();
    }
    return phase(
        command -> {
          switch (command) {
            case Predict predict -> refuse(new Flight(predict.replyTo(), predict.flight()), 0, Reason.STOPPED, STOPPING);
            case PredictAlone predict -> refuse(new Flight(predict.replyTo(), predict.flight()), 0, Reason.STOPPED, STOPPING);
            case Drain again -> { }
            case Aim(var objective) -> aim(objective);
            case Postpone postpone -> postpone(postpone);
            case Cancel(var flight, var replyTo) -> cancel(new Flight(replyTo, flight));
            case GetStatus(var replyTo) -> tellStatus(replyTo);
            case Woke woke -> wake();
            case Returned returned -> returned(returned);
            case Broke broke -> broke(broke);
            case Lost(var why) -> lost(why);
          }
          return isDone() ? Behaviors.stopped() : Behaviors.same();
        });
  }

  private Behavior<Command> phase(Function<Command, Behavior<Command>> onCommand) {
    return Behaviors.receive((ignored, command) -> onCommand.apply(command), (ignored, signal) -> onSignal(signal));
  }

  private Behavior<Command> onSignal(Signal signal) {
    if (signal instanceof PostStop) {
      metrics.gone(context.getSelf());
      CompletableFuture<?>[] all = running.values().stream().map(CompletionStage::toCompletableFuture).toArray(CompletableFuture<?>[]::new);
      CompletionStage<Void> last = CompletableFuture.allOf(all);
      last.whenComplete((outputs, cause) -> runtime.close());
    }
    return Behaviors.same();
  }

  private boolean isDone() {
    return batcher.isEmpty() && batcher.isIdle();
  }

  private Behavior<Command> accept(Flight flight, Input input, long deadline, boolean alone) {
    long now = nanoClock.getAsLong();
    if (deadline - now <= 0) {
      refuse(flight, 0, Reason.EXPIRED, "its deadline passed before it reached the replica");
    } else if (batcher.refuses(deadline, now)) {
      refuse(flight, 0, deadline - now, now, Reason.OVERLOADED, "behind %d rows it would come too late".formatted(batcher.rows() + batcher.rowsUnderWay()));
    } else if (!(alone ? batcher.offerSecluded(flight, input, deadline, now) : batcher.offer(flight, input, deadline, now))) {
      refuse(flight, 0, Reason.OVERLOADED, "%d rows wait already".formatted(batcher.rows()));
    } else {
      takeSteps();
    }
    return Behaviors.same();
  }

  /** As many as there are until the batcher rests. */
  private void takeSteps() {
    while (lost.isEmpty()) {
      switch (batcher.next(nanoClock.getAsLong())) {
        case Step.Send<Flight, Input>(var rows) -> send(new Sent(batcher.lastSent(), rows, nanoClock.getAsLong()));
        case Step.Drop<Flight, Input>(var row, var tooMany) -> drop(row, tooMany);
        case Step.Rest<Flight, Input>(var until) -> {
          until.ifPresent(this::wakeAt);
          metrics.pending(context.getSelf(), batcher.rows());
          return;
        }
      }
    }
  }

  private void send(Sent sent) {
    metrics.cut(sent.rows().size());
    List<Input> inputs = new ArrayList<>(sent.rows().size());
    for (Entry<Flight, Input> row : sent.rows()) {
      metrics.waited(sent.atNanos() - row.arrivedNanos());
      inputs.add(row.value());
    }
    CompletionStage<List<Output>> outputs = predict(inputs, budget(sent));
    running.put(sent.number(), outputs);
    metrics.underWay(context.getSelf(), running.size());
    context.pipeToSelf(
        outputs,
        (returned, cause) ->
            cause == null ? new Returned(sent, returned, nanoClock.getAsLong()) : new Broke(sent, cause, nanoClock.getAsLong()));
  }

  /** A runtime that throws instead of failing its stage is a third party's; the model's error is the same. */
  private CompletionStage<List<Output>> predict(List<Input> inputs, Duration budget) {
    try {
      return runtime.predict(inputs, budget);
    } catch (RuntimeException thrown) {
      return CompletableFuture.failedStage(thrown);
    }
  }

  private Behavior<Command> returned(Returned returned) {
    List<Entry<Flight, Input>> rows = returned.sent().rows();
    cameBack(returned.sent(), returned.atNanos());
    unreturned = OptionalLong.empty();
    if (returned.outputs().size() != rows.size()) {
      batcher.failed(returned.sent().number(), returned.atNanos());
      split(rows, "the model gave %d outputs for %d inputs".formatted(returned.outputs().size(), rows.size()));
    } else {
      batcher.returned(returned.sent().number(), returned.atNanos());
      metrics.limited(context.getSelf(), batcher.limit());
      answer(rows, returned.outputs());
    }
    takeSteps();
    return stopIfLost();
  }

  private Behavior<Command> broke(Broke broke) {
    cameBack(broke.sent(), broke.atNanos());
    batcher.failed(broke.sent().number(), broke.atNanos());
    lost = lost.or(() -> asLost(broke.cause()));
    if (lost.isPresent()) {
      // Of what was being computed each row may be the cause.
      broke.sent().rows().forEach(row -> refuse(row, Reason.LOST, describe(lost.get())));
      return stopIfLost();
    }
    if (broke.atNanos() - broke.sent().atNanos() < budget(broke.sent()).minus(CLOCKS_APART).toNanos()) {
      unreturned = OptionalLong.empty();
      split(broke.sent().rows(), describe(broke.cause()));
    } else {
      giveUp(broke.sent(), describe(broke.cause()));
    }
    takeSteps();
    return Behaviors.same();
  }

  /** Of what a model computes batch by batch only the first can be what it hangs over. */
  private void giveUp(Sent sent, String message) {
    if (unreturned.isEmpty()) {
      unreturned = OptionalLong.of(running.keySet().stream().mapToLong(Long::longValue).reduce(sent.number(), Math::min));
    }
    failed(message);
    Reason reason = unreturned.getAsLong() == sent.number() ? Reason.UNRETURNED : Reason.BLOCKED;
    sent.rows().forEach(row -> refuse(row, reason, message));
  }

  private void cameBack(Sent sent, long atNanos) {
    running.remove(sent.number());
    metrics.underWay(context.getSelf(), running.size());
    metrics.computed(sent.rows().size(), atNanos - sent.atNanos());
    int late = 0;
    for (Entry<Flight, Input> row : sent.rows()) {
      late += row.deadlineNanos() - atNanos < 0 ? 1 : 0;
    }
    if (late > 0) {
      metrics.late(late);
    }
  }

  private void answer(List<Entry<Flight, Input>> rows, List<Output> outputs) {
    int predicted = 0;
    long now = nanoClock.getAsLong();
    for (int i = 0; i < rows.size(); i++) {
      Entry<Flight, Input> row = rows.get(i);
      Output output = outputs.get(i);
      Optional<String> unfit = unfit(output);
      if (unfit.isPresent()) {
        failed(unfit.get());
        refuse(row, Reason.FAILED, unfit.get());
      } else {
        predicted++;
        row.key().replyTo().tell(new Predicted(row.key().number(), output, OptionalLong.of(now - row.arrivedNanos())));
      }
    }
    metrics.predicted(predicted);
  }

  /** Why an output is no answer; also where it would be none to another node only. */
  private Optional<String> unfit(Output output) {
    return output.hasNaN() ? Optional.of(NOT_A_NUMBER) : wire.refusal("the model's output", output.sizeInBytes()).map(Refused::getMessage);
  }

  private void failed(String message) {
    lastFailure = Optional.of(new Failure(message, nanoClock.getAsLong()));
  }

  private void split(List<Entry<Flight, Input>> rows, String message) {
    failed(message);
    for (Entry<Flight, Input> row : rows) {
      if (rows.size() == 1 || row.alone()) {
        refuse(row, Reason.FAILED, message);
      } else {
        batcher.putBackAlone(row);
      }
    }
  }

  private void drop(Entry<Flight, Input> row, boolean tooMany) {
    long now = nanoClock.getAsLong();
    long waitedNanos = now - row.arrivedNanos();
    long waitedMicros = waitedNanos / 1000;
    long budgetNanos = row.deadlineNanos() - row.arrivedNanos();
    if (tooMany) {
      String gaveWay = "it gave way to %d others after %d µs in the queue".formatted(batcher.rows(), waitedMicros);
      refuse(row.key(), waitedNanos, budgetNanos, now, Reason.OVERLOADED, gaveWay);
    } else {
      refuse(row.key(), waitedNanos, budgetNanos, now, Reason.EXPIRED, "no time was left after %d µs in the queue".formatted(waitedMicros));
    }
  }

  /**
   * What never reached the model says nothing of it, unless it is the model that takes longer than there was time. Where it is refused before
   * its time is over it is a refusal all the same, and else the model has failed it.
   */
  private void refuse(Flight flight, long hadNanos, long budgetNanos, long nowNanos, Reason reason, String message) {
    if (batcher.isTooSlowFor(budgetNanos, nowNanos)) {
      Reason why = reason == Reason.OVERLOADED ? Reason.TOO_SLOW : Reason.FAILED;
      refuse(flight, hadNanos, why, "the model by itself takes longer than the %d µs that it had".formatted(budgetNanos / 1000));
    } else {
      refuse(flight, hadNanos, reason, message);
    }
  }

  /** What is being computed comes back first: it may have been answered. */
  private Behavior<Command> lost(CopyLostException why) {
    lost = lost.or(() -> Optional.of(why));
    return stopIfLost();
  }

  /** Other copies may answer what waited. */
  private Behavior<Command> stopIfLost() {
    if (lost.isEmpty() || !batcher.isIdle()) {
      return Behaviors.same();
    }
    CopyLostException why = lost.get();
    batcher.takeAll().forEach(row -> refuse(row, Reason.STOPPED, describe(why)));
    throw why;
  }

  private static Optional<CopyLostException> asLost(Throwable cause) {
    Throwable root = cause instanceof CompletionException && cause.getCause() != null ? cause.getCause() : cause;
    return root instanceof CopyLostException gone ? Optional.of(gone) : Optional.empty();
  }

  private static Duration budget(Sent sent) {
    long latest = sent.rows().stream().mapToLong(row -> row.deadlineNanos() - sent.atNanos()).max().orElse(0);
    return Duration.ofNanos(Math.max(0, latest)).plus(LATE_ANSWERS);
  }

  private Behavior<Command> postpone(Postpone postpone) {
    batcher.postpone(new Flight(postpone.replyTo(), postpone.flight()), postpone.deadlineNanos());
    return Behaviors.same();
  }

  private Behavior<Command> cancel(Flight flight) {
    batcher.cancel(flight);
    metrics.pending(context.getSelf(), batcher.rows());
    return Behaviors.same();
  }

  private Behavior<Command> aim(Duration objective) {
    batcher.aimAt(objective);
    metrics.limited(context.getSelf(), batcher.limit());
    return Behaviors.same();
  }

  /** A batch may never come back, and a batch may be held: what waits is looked at again in time. Nothing waits, nothing wakes. */
  private void wakeAt(long nanos) {
    if (wakeAt.isEmpty() || nanos - wakeAt.getAsLong() < -ALARM_SLACK_NANOS) {
      wakeAt = OptionalLong.of(nanos);
      ActorRef<Command> self = context.getSelf();
      alarms.at(nanos, () -> self.tell(new Woke()));
    }
  }

  private Behavior<Command> wake() {
    wakeAt = OptionalLong.empty();
    takeSteps();
    return Behaviors.same();
  }

  private void refuse(Entry<Flight, Input> row, Reason reason, String message) {
    refuse(row.key(), nanoClock.getAsLong() - row.arrivedNanos(), reason, message);
  }

  /** @param hadNanos for how long it was here */
  private void refuse(Flight flight, long hadNanos, Reason reason, String message) {
    metrics.notPredicted(reason, hadNanos);
    flight.replyTo().tell(new NotPredicted(flight.number(), reason, message));
  }

  private Behavior<Command> tellStatus(ActorRef<Status> replyTo) {
    long now = nanoClock.getAsLong();
    Optional<String> failure =
        lastFailure.map(last -> "a batch failed %d s ago: %s".formatted(Duration.ofNanos(now - last.atNanos()).toSeconds(), last.message()));
    replyTo.tell(new Status(batcher.rows(), batcher.rowsUnderWay(), batcher.limit().rows(), failure));
    return Behaviors.same();
  }

  private static String describe(Throwable cause) {
    Throwable root = cause instanceof CompletionException && cause.getCause() != null ? cause.getCause() : cause;
    String message = root.getMessage();
    return message == null ? root.getClass().getSimpleName() : message;
  }
}
