package io.clipper.application;

import io.clipper.Refused;
import io.clipper.ReplyTo;
import io.clipper.model.Input;
import io.clipper.model.ModelId;
import io.clipper.replica.ReplicaRouterActor;
import io.clipper.wire.WireSettings;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.apache.pekko.actor.typed.ActorRef;

/** The way to one model version past every application: nothing is selected, combined or learned, and there is no default output. */
public final class Models {
  private final Function<ModelId, ActorRef<ReplicaRouterActor.Command>> routers;
  private final DeadlineClock deadlines;
  private final WireSettings wire;
  private final LongSupplier nanoClock;
  private final ConcurrentHashMap<Long, CompletableFuture<ReplicaRouterActor.Reply>> waiting = new ConcurrentHashMap<>();
  private final AtomicLong correlations = new AtomicLong();
  /** Without an actor between: one would encode the answers of all models, one after another. */
  private final ReplyTo<ReplicaRouterActor.Reply> here = new ReplyTo.Here<>(this::complete);

  Models(Function<ModelId, ActorRef<ReplicaRouterActor.Command>> routers, DeadlineClock deadlines, WireSettings wire, LongSupplier nanoClock) {
    this.routers = routers;
    this.deadlines = deadlines;
    this.wire = wire;
    this.nanoClock = nanoClock;
  }

  /**
   * Completes by the end of the budget, whatever the model does, on a thread that must not be blocked. Whoever cancels its future withdraws
   * the query. Fails with {@link Refused} for an input that is too large.
   */
  public CompletionStage<ReplicaRouterActor.Reply> ask(ModelId model, Input input, Duration budget) {
    Optional<Refused> tooLarge = wire.refusal("the input", input.sizeInBytes());
    if (tooLarge.isPresent()) {
      return CompletableFuture.failedFuture(tooLarge.get());
    }
    long correlation = correlations.incrementAndGet();
    long deadline = nanoClock.getAsLong() + budget.toNanos();
    CompletableFuture<ReplicaRouterActor.Reply> answer = new CompletableFuture<>();
    ActorRef<ReplicaRouterActor.Command> router = routers.apply(model);
    waiting.put(correlation, answer);
    DeadlineClock.Deadline late =
        deadlines.at(
            deadline,
            () ->
                complete(
                    new ReplicaRouterActor.Unanswered(
                        correlation, model, ReplicaRouterActor.Reason.EXPIRED, "%s did not answer within %d µs".formatted(model, budget.toNanos() / 1000))));
    CompletableFuture<?> unused =
        answer.whenComplete(
            (reply, failure) -> {
              late.cancel();
              if (answer.isCancelled() && waiting.remove(correlation) != null) {
                router.tell(new ReplicaRouterActor.Withdraw(input, correlation, here));
              }
            });
    router.tell(new ReplicaRouterActor.Ask(input, deadline, correlation, here));
    return answer;
  }

  private void complete(ReplicaRouterActor.Reply reply) {
    CompletableFuture<ReplicaRouterActor.Reply> answer = waiting.remove(reply.correlation());
    if (answer != null) {
      answer.complete(reply);
    }
  }
}
