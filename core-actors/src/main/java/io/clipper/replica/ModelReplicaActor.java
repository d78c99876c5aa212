package io.clipper.replica;

import io.clipper.model.Input;
import io.clipper.model.Output;
import io.clipper.model.runtime.CopyLostException;
import io.clipper.model.runtime.ModelRuntime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
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
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;

/**
 * Feeds one copy of a model, which it owns. While a batch runs, arrivals queue in the order of their deadlines; they leave together. The
 * rows of a batch that failed go once more, each alone.
 */
public final class ModelReplicaActor {
  public sealed interface Command {}

  /**
   * @param flight the asker's own number for it
   * @param budgetMicros the time that is left: nodes share no clock
   */
  public record Predict(long flight, Input input, long budgetMicros, ActorRef<Reply> replyTo) implements Command {}

  /** Gives a flight that waits more time. */
  public record Postpone(long flight, long budgetMicros, ActorRef<Reply> replyTo) implements Command {}

  /** Nobody wants that flight's answer; one that waits leaves the queue without a reply. */
  public record Cancel(long flight, ActorRef<Reply> replyTo) implements Command {}

  /** What a batch should take at most, from now on. */
  public record Aim(Duration objective) implements Command {}

  /** Answers what waits, takes nothing new, and stops. */
  public record Drain() implements Command {}

  public record GetStatus(ActorRef<Status> replyTo) implements Command {}

  private record Returned(List<Row> batch, List<Output> outputs, long tookNanos) implements Command {}

  private record Broke(List<Row> batch, Throwable cause, long tookNanos) implements Command {}

  private record DeadlinePassed() implements Command {}

  private record Lost(CopyLostException why) implements Command {}

  public sealed interface Reply {
    long flight();
  }

  public record Predicted(long flight, Output output) implements Reply {}

  public record NotPredicted(long flight, Reason reason, String message) implements Reply {}

  public enum Reason {
    /** Its deadline has passed, or would before an answer could be there. */
    EXPIRED,
    /** The queue is full. */
    OVERLOADED,
    /** The model's own error, or an answer that is none. */
    FAILED,
    /** The replica takes nothing new. */
    STOPPED,
    /** The copy went away while it held this input, which may be why. */
    LOST
  }

  /** @param batchLimit the most rows of the next batch */
  public record Status(int queued, int running, int batchLimit) {}

  private record Flight(ActorRef<Reply> replyTo, long number) {}

  /** @param alone whether it was in a batch that failed: it goes by itself, and for the last time */
  private record Waiting(Input input, long arrivedAt, boolean alone) {}

  private record Row(DeadlineQueue.Entry<Flight, Waiting> entry) {
    Flight flight() {
      return entry.key();
    }
  }

  /** What was learned of the runtime's speed. */
  private record Pace(BatchSize size, LatencyFit latency) {
    Pace after(int rows, Duration took) {
      return new Pace(size.after(rows, took), latency.after(rows, took));
    }

    Pace aimingAt(Duration objective) {
      return new Pace(size.aimingAt(objective), latency);
    }
  }

  /** More than any asker waits; keeps the sum of clock and budget inside a long. */
  private static final long LONGEST_BUDGET_MICROS = Duration.ofDays(1).toNanos() / 1000;
  /** Pekko's timers tick at 10 ms: asking for less than a tenth of that would only wake the actor twice. */
  private static final Duration SHORTEST_TIMER = Duration.ofMillis(1);
  /** Behind the latest deadline of a batch, as late answers still fill the cache and are judged; after that a batch is given up. */
  private static final Duration LATE_ANSWERS = Duration.ofSeconds(1);

  private final ActorContext<Command> context;
  private final TimerScheduler<Command> timers;
  private final ModelRuntime runtime;
  private final ReplicaMetrics metrics;
  private final LongSupplier nanoClock;
  private final DeadlineQueue<Flight, Waiting> waiting;
  private OptionalLong wakeAt = OptionalLong.empty();
  private CompletionStage<?> running = CompletableFuture.completedStage(List.of());
  private Optional<CopyLostException> lost = Optional.empty();

  private ModelReplicaActor(
      ActorContext<Command> context,
      TimerScheduler<Command> timers,
      ModelRuntime runtime,
      int queueLimit,
      ReplicaMetrics metrics,
      LongSupplier nanoClock) {
    this.context = context;
    this.timers = timers;
    this.runtime = runtime;
    this.metrics = metrics;
    this.nanoClock = nanoClock;
    this.waiting = new DeadlineQueue<>(queueLimit);
  }

  /**
   * The runtime is closed when the actor has stopped, for whatever reason, and the last batch has returned. It fails, with the reason, when
   * the copy is gone.
   */
  public static Behavior<Command> create(
      ModelRuntime runtime, BatchSize size, int queueLimit, ReplicaMetrics metrics, LongSupplier nanoClock) {
    Behavior<Command> replica =
        Behaviors.setup(
            context ->
                Behaviors.withTimers(
                    timers ->
                        new ModelReplicaActor(context, timers, runtime, queueLimit, metrics, nanoClock).start(new Pace(size, LatencyFit.UNKNOWN))));
    // Its parent decides what to do, and says so: the log needs no stack trace beside it.
    return Behaviors.supervise(replica).onFailure(CopyLostException.class, SupervisorStrategy.stop().withLoggingEnabled(false));
  }

  private Behavior<Command> start(Pace pace) {
    context.pipeToSelf(
        runtime.lost(), (why, cause) -> new Lost(cause == null ? why : new CopyLostException("the runtime cannot say whether it lives: " + describe(cause))));
    return idle(pace);
  }

  private Behavior<Command> idle(Pace pace) {
    return phase(
        command ->
            switch (command) {
              // Whatever the pace says, a runtime that has nothing else to do tries: so a pace that was once bad is found to be good.
              case Predict predict -> accept(predict) ? send(pace, false) : Behaviors.same();
              case Aim(var objective) -> idle(pace.aimingAt(objective));
              case GetStatus(var replyTo) -> tellStatus(replyTo, 0, pace);
              case Drain drain -> Behaviors.stopped();
              case Postpone postpone -> Behaviors.same();
              case Cancel cancel -> Behaviors.same();
              case DeadlinePassed passed -> {
                wakeAt = OptionalLong.empty();
                yield Behaviors.same();
              }
              case Returned returned -> Behaviors.unhandled();
              case Broke broke -> Behaviors.unhandled();
              case Lost(var why) -> lose(List.of(), why);
            });
  }

  private Behavior<Command> busy(Pace pace, int rows, boolean draining) {
    return phase(
        command ->
            switch (command) {
              case Predict predict -> draining ? refuseAsStopped(predict) : queue(predict);
              case Postpone(var flight, var budgetMicros, var replyTo) -> {
                waiting.postpone(new Flight(replyTo, flight), deadline(budgetMicros));
                yield Behaviors.same();
              }
              case Cancel(var flight, var replyTo) -> {
                waiting.remove(new Flight(replyTo, flight));
                metrics.pending(waiting.size());
                yield Behaviors.same();
              }
              case Aim(var objective) -> busy(pace.aimingAt(objective), rows, draining);
              case GetStatus(var replyTo) -> tellStatus(replyTo, rows, pace);
              case Drain drain -> busy(pace, rows, true);
              case DeadlinePassed passed -> expire();
              case Returned(var batch, var outputs, var tookNanos) -> {
                metrics.computed(batch.size(), tookNanos);
                boolean answered = answer(batch, outputs);
                if (lost.isPresent()) {
                  yield lose(List.of(), lost.get());
                }
                yield sendNext(answered ? pace.after(batch.size(), Duration.ofNanos(tookNanos)) : pace, draining);
              }
              case Broke(var batch, var cause, var tookNanos) -> {
                Optional<CopyLostException> gone = lost.or(() -> asLost(cause));
                if (gone.isPresent()) {
                  yield lose(batch, gone.get());
                }
                metrics.computed(batch.size(), tookNanos);
                split(batch, describe(cause));
                yield sendNext(pace, draining);
              }
              case Lost(var why) -> {
                lost = Optional.of(why); // the batch comes back first: it may have been answered
                yield Behaviors.same();
              }
            });
  }

  private Behavior<Command> phase(Function<Command, Behavior<Command>> onCommand) {
    return Behaviors.receive((ignored, command) -> onCommand.apply(command), (ignored, signal) -> onSignal(signal));
  }

  private Behavior<Command> onSignal(Signal signal) {
    if (signal instanceof PostStop) {
      running.whenComplete((outputs, cause) -> runtime.close());
    }
    return Behaviors.same();
  }

  private Behavior<Command> queue(Predict predict) {
    if (accept(predict)) {
      wakeAtDeadline();
    }
    return Behaviors.same();
  }

  private boolean accept(Predict predict) {
    Flight flight = new Flight(predict.replyTo(), predict.flight());
    if (predict.budgetMicros() <= 0) {
      refuse(flight, Reason.EXPIRED, "its deadline passed before it reached the replica");
      return false;
    }
    if (!waiting.offer(flight, new Waiting(predict.input(), nanoClock.getAsLong(), false), deadline(predict.budgetMicros()))) {
      refuse(flight, Reason.OVERLOADED, "%d rows wait already".formatted(waiting.size()));
      return false;
    }
    metrics.pending(waiting.size());
    return true;
  }

  private Behavior<Command> sendNext(Pace pace, boolean draining) {
    refuseBefore(nanoClock.getAsLong() + pace.latency().expected(1).toNanos());
    if (!waiting.isEmpty()) {
      return send(pace, draining);
    }
    return draining ? Behaviors.stopped() : idle(pace);
  }

  private Behavior<Command> send(Pace pace, boolean draining) {
    List<Row> batch = takeBatch(pace.size().value());
    long sentAt = nanoClock.getAsLong();
    metrics.cut(batch.size());
    metrics.pending(waiting.size());
    batch.forEach(row -> metrics.waited(sentAt - row.entry().value().arrivedAt()));
    CompletionStage<List<Output>> outputs = predict(batch.stream().map(row -> row.entry().value().input()).toList(), budget(batch, sentAt));
    running = outputs;
    context.pipeToSelf(
        outputs,
        (returned, cause) -> {
          long took = nanoClock.getAsLong() - sentAt;
          return cause == null ? new Returned(batch, returned, took) : new Broke(batch, cause, took);
        });
    wakeAtDeadline();
    return busy(pace, batch.size(), draining);
  }

  /** A runtime that throws instead of failing its stage is a third party's; the model's error is the same. */
  private CompletionStage<List<Output>> predict(List<Input> inputs, Duration budget) {
    try {
      return runtime.predict(inputs, budget);
    } catch (RuntimeException thrown) {
      return CompletableFuture.failedStage(thrown);
    }
  }

  private List<Row> takeBatch(int limit) {
    List<Row> batch = new ArrayList<>();
    boolean alone = waiting.peek().orElseThrow().alone();
    do {
      batch.add(new Row(waiting.take()));
    } while (!alone && batch.size() < limit && waiting.peek().filter(next -> !next.alone()).isPresent());
    return batch;
  }

  /** False where the model's answer was none for the batch as a whole. */
  private boolean answer(List<Row> batch, List<Output> outputs) {
    if (outputs.size() != batch.size()) {
      split(batch, "the model gave %d outputs for %d inputs".formatted(outputs.size(), batch.size()));
      return false;
    }
    for (int i = 0; i < batch.size(); i++) {
      Flight flight = batch.get(i).flight();
      Output output = outputs.get(i);
      if (output.hasNaN()) {
        refuse(flight, Reason.FAILED, "the model's output is not a number (NaN)");
      } else {
        flight.replyTo().tell(new Predicted(flight.number(), output));
      }
    }
    return true;
  }

  private void split(List<Row> batch, String message) {
    for (Row row : batch) {
      Waiting value = row.entry().value();
      if (batch.size() == 1 || value.alone()) {
        refuse(row.flight(), Reason.FAILED, message);
      } else {
        waiting.putBack(row.entry(), new Waiting(value.input(), value.arrivedAt(), true));
      }
    }
  }

  /** Other copies may answer what waited; of what was being computed each may be the cause. */
  private Behavior<Command> lose(List<Row> batch, CopyLostException why) {
    String message = describe(why);
    batch.forEach(row -> refuse(row.flight(), Reason.LOST, message));
    while (!waiting.isEmpty()) {
      refuse(waiting.take().key(), Reason.STOPPED, message);
    }
    metrics.pending(0);
    throw why;
  }

  private static Optional<CopyLostException> asLost(Throwable cause) {
    Throwable root = cause instanceof CompletionException && cause.getCause() != null ? cause.getCause() : cause;
    return root instanceof CopyLostException gone ? Optional.of(gone) : Optional.empty();
  }

  private static Duration budget(List<Row> batch, long now) {
    long latest = batch.stream().mapToLong(row -> row.entry().deadlineNanos() - now).max().orElse(0);
    return Duration.ofNanos(Math.max(0, latest)).plus(LATE_ANSWERS);
  }

  private Behavior<Command> expire() {
    wakeAt = OptionalLong.empty();
    refuseBefore(nanoClock.getAsLong() + 1);
    wakeAtDeadline();
    return Behaviors.same();
  }

  /** A batch may never come back: what waits behind it is refused at its deadline. Nothing waits, nothing wakes. */
  private void wakeAtDeadline() {
    OptionalLong earliest = waiting.earliestDeadlineNanos();
    if (earliest.isPresent() && (wakeAt.isEmpty() || earliest.getAsLong() - wakeAt.getAsLong() < 0)) {
      Duration left = Duration.ofNanos(earliest.getAsLong() - nanoClock.getAsLong());
      timers.startSingleTimer(DeadlinePassed.class, new DeadlinePassed(), left.compareTo(SHORTEST_TIMER) < 0 ? SHORTEST_TIMER : left);
      wakeAt = earliest;
    }
  }

  private void refuseBefore(long nanos) {
    for (var entry : waiting.takeBefore(nanos)) {
      long waitedMicros = (nanoClock.getAsLong() - entry.value().arrivedAt()) / 1000;
      refuse(entry.key(), Reason.EXPIRED, "no time was left after %d µs in the queue".formatted(waitedMicros));
    }
    metrics.pending(waiting.size());
  }

  private Behavior<Command> refuseAsStopped(Predict predict) {
    refuse(new Flight(predict.replyTo(), predict.flight()), Reason.STOPPED, "the replica is being stopped");
    return Behaviors.same();
  }

  private void refuse(Flight flight, Reason reason, String message) {
    metrics.notPredicted(reason);
    flight.replyTo().tell(new NotPredicted(flight.number(), reason, message));
  }

  private Behavior<Command> tellStatus(ActorRef<Status> replyTo, int running, Pace pace) {
    replyTo.tell(new Status(waiting.size(), running, pace.size().value()));
    return Behaviors.same();
  }

  private long deadline(long budgetMicros) {
    return nanoClock.getAsLong() + Math.min(budgetMicros, LONGEST_BUDGET_MICROS) * 1000;
  }

  private static String describe(Throwable cause) {
    Throwable root = cause instanceof CompletionException && cause.getCause() != null ? cause.getCause() : cause;
    String message = root.getMessage();
    return message == null ? root.getClass().getSimpleName() : message;
  }
}
