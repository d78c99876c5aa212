package io.clipper.membership;

import io.clipper.membership.LeaseDesk.Command;
import io.clipper.membership.LeaseDesk.Taken;
import java.time.Duration;
import java.util.Comparator;
import java.util.Iterator;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.apache.pekko.actor.ExtendedActorSystem;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.Adapter;
import org.apache.pekko.actor.typed.javadsl.AskPattern;
import org.apache.pekko.actor.typed.receptionist.Receptionist;
import org.apache.pekko.coordination.lease.LeaseSettings;
import org.apache.pekko.coordination.lease.javadsl.Lease;

/**
 * The lease that decides which side of a split stays, asked of a {@link LeaseDesk} in reach; a side that reaches none has no state to keep
 * and does not get it. The configuration names this class.
 */
public final class DatabaseLease extends Lease {
  private static final Duration FIND = Duration.ofSeconds(1);
  /** Shorter than the row's term: afterwards it may be another's, and is asked for anew. */
  private static final Duration SURE = Duration.ofSeconds(10);

  private final LeaseSettings settings;
  private final ActorSystem<Void> system;
  private final LongSupplier nanoClock;
  /** Until when it is granted, by that clock. */
  private final AtomicReference<Optional<Long>> granted = new AtomicReference<>(Optional.empty());

  /** As Pekko makes it. */
  public DatabaseLease(LeaseSettings settings, ExtendedActorSystem system) {
    this(settings, Adapter.toTyped(system), System::nanoTime);
  }

  DatabaseLease(LeaseSettings settings, ActorSystem<Void> system, LongSupplier nanoClock) {
    this.settings = settings;
    this.system = system;
    this.nanoClock = nanoClock;
  }

  @Override
  public LeaseSettings getSettings() {
    return settings;
  }

  @Override
  public CompletionStage<Boolean> acquire() {
    long asked = nanoClock.getAsLong();
    return ask(LeaseDesk.Take::new)
        .thenApply(
            taken -> {
              granted.set(taken ? Optional.of(asked + SURE.toNanos()) : Optional.empty());
              return taken;
            });
  }

  /** It is held for the time of one decision: nobody is told that it was lost. */
  @Override
  public CompletionStage<Boolean> acquire(Consumer<Optional<Throwable>> leaseLost) {
    return acquire();
  }

  @Override
  public CompletionStage<Boolean> release() {
    granted.set(Optional.empty());
    return ask(LeaseDesk.Release::new);
  }

  @Override
  public boolean checkLease() {
    return Objects.requireNonNull(granted.get()).filter(until -> until - nanoClock.getAsLong() > 0).isPresent();
  }

  private CompletionStage<Boolean> ask(BiFunction<String, ActorRef<Taken>, Command> message) {
    return AskPattern.<Receptionist.Command, Receptionist.Listing>ask(
            system.receptionist(), replyTo -> Receptionist.find(LeaseDesk.KEY, replyTo), FIND, system.scheduler())
        .thenCompose(
            listing ->
                askOneOf(
                    listing.getServiceInstances(LeaseDesk.KEY).stream()
                        .sorted(Comparator.comparing((ActorRef<Command> desk) -> !desk.path().address().hasLocalScope()))
                        .iterator(),
                    message));
  }

  /** The next is asked only where one does not answer: a no is a no. */
  private CompletionStage<Boolean> askOneOf(Iterator<ActorRef<Command>> desks, BiFunction<String, ActorRef<Taken>, Command> message) {
    if (!desks.hasNext()) {
      return CompletableFuture.completedStage(false);
    }
    Duration patience = Duration.ofMillis(settings.timeoutSettings().operationTimeout().toMillis()).dividedBy(2);
    return AskPattern.<Command, Taken>ask(desks.next(), replyTo -> message.apply(settings.ownerName(), replyTo), patience, system.scheduler())
        .thenApply(Taken::granted)
        .exceptionallyCompose(silent -> askOneOf(desks, message));
  }
}
