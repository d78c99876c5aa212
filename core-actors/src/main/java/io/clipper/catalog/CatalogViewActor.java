package io.clipper.catalog;

import io.clipper.Refused;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.apache.pekko.Done;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.PostStop;
import org.apache.pekko.actor.typed.Terminated;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;

/**
 * Feeds one node's copy of the catalog: subscribes, subscribes anew when the catalog's actor ends or moves, and asks from time to time,
 * so that a lost publication is made up for.
 */
final class CatalogViewActor {
  sealed interface Command {}

  /** A newer catalog, from whoever has one; an older one is no news. */
  record Heard(Catalog catalog) implements Command {}

  /** Completes as soon as this node's copy has that revision. */
  record Await(long revision, CompletableFuture<Catalog> reached) implements Command {}

  /** The subscriber is told the catalog at once, if it is known, and at every change. */
  record Watch(ActorRef<CatalogChanged> subscriber) implements Command {}

  /** The node leaves: the copy stays as it is, and nothing more is asked that would keep sharding from stopping. */
  record Rest(ActorRef<Done> replyTo) implements Command {}

  private record FromCatalog(CatalogActor.News news) implements Command {}

  private record TimeToAsk() implements Command {}

  private final ActorContext<Command> context;
  private final TimerScheduler<Command> timers;
  private final Consumer<CatalogActor.Command> catalog;
  private final CatalogCopy view;
  private final CatalogSettings settings;
  private final ActorRef<CatalogActor.News> ear;
  private final List<Await> waiting = new ArrayList<>();
  private final Set<ActorRef<CatalogChanged>> subscribers = new HashSet<>();
  private Optional<ActorRef<CatalogActor.Command>> publisher = Optional.empty();

  private CatalogViewActor(
      ActorContext<Command> context,
      TimerScheduler<Command> timers,
      Consumer<CatalogActor.Command> catalog,
      CatalogCopy view,
      CatalogSettings settings) {
    this.context = context;
    this.timers = timers;
    this.catalog = catalog;
    this.view = view;
    this.settings = settings;
    this.ear = context.messageAdapter(CatalogActor.News.class, FromCatalog::new);
  }

  /**
   * @param catalog the way to the catalog's actor, wherever it is
   * @param view this node's copy, which this actor alone writes
   */
  static Behavior<Command> create(
      Consumer<CatalogActor.Command> catalog, CatalogCopy view, CatalogSettings settings) {
    return Behaviors.setup(
        context ->
            Behaviors.withTimers(timers -> new CatalogViewActor(context, timers, catalog, view, settings).subscribing()));
  }

  private Behavior<Command> subscribing() {
    ask();
    return Behaviors.receive(Command.class)
        .onMessage(Command.class, this::on)
        .onSignal(Terminated.class, this::onTerminated)
        .onSignal(PostStop.class, stopped -> giveUp())
        .build();
  }

  private Behavior<Command> on(Command command) {
    switch (command) {
      case Heard(var newer) -> take(newer);
      case Await await -> {
        if (view.isHeard() && view.get().revision() >= await.revision()) {
          await.reached().complete(view.get());
        } else {
          waiting.add(await);
        }
      }
      case Watch(var subscriber) -> {
        if (subscribers.add(subscriber)) {
          context.watch(subscriber);
        }
        if (view.isHeard()) {
          subscriber.tell(new CatalogChanged(view.get()));
        }
      }
      case FromCatalog(CatalogActor.Published(var newer, var from)) -> {
        follow(from);
        take(newer);
      }
      case FromCatalog(CatalogActor.Unchanged(var from)) -> {
        follow(from);
        take(view.get());
      }
      case TimeToAsk() -> ask();
      case Rest(var replyTo) -> {
        timers.cancelAll();
        replyTo.tell(Done.getInstance());
        return resting();
      }
    }
    return Behaviors.same();
  }

  private Behavior<Command> resting() {
    giveUp();
    return Behaviors.receive(Command.class)
        .onMessage(
            Await.class,
            await -> {
              if (view.get().revision() >= await.revision()) {
                await.reached().complete(view.get());
              } else {
                await.reached().completeExceptionally(stopped());
              }
              return Behaviors.same();
            })
        .onAnyMessage(other -> Behaviors.same())
        .onSignal(Terminated.class, terminated -> Behaviors.same())
        .build();
  }

  private Behavior<Command> onTerminated(Terminated terminated) {
    ActorRef<?> ended = terminated.getRef();
    if (publisher.filter(ended::equals).isPresent()) {
      publisher = Optional.empty();
      ask();
    } else {
      subscribers.removeIf(ended::equals);
    }
    return Behaviors.same();
  }

  private Behavior<Command> giveUp() {
    waiting.forEach(
        await ->
            await.reached().completeExceptionally(stopped()));
    return Behaviors.same();
  }

  private static Refused stopped() {
    return new Refused(Refused.Reason.UNAVAILABLE, "this node stopped before it had the catalog");
  }

  /** Asks, and will ask again: soon while there is no answer, at leisure once there is a publisher. */
  private void ask() {
    scheduleNextAsk();
    catalog.accept(new CatalogActor.Subscribe(view.isHeard() ? view.get().revision() : -1, ear));
  }

  private void scheduleNextAsk() {
    Duration delay = publisher.isPresent() ? settings.refresh() : settings.retry();
    timers.startSingleTimer(TimeToAsk.class, new TimeToAsk(), delay);
  }

  private void follow(ActorRef<CatalogActor.Command> from) {
    if (!publisher.equals(Optional.of(from))) {
      publisher.ifPresent(context::unwatch);
      publisher = Optional.of(from);
      context.watch(from);
      scheduleNextAsk();
    }
  }

  private void take(Catalog newer) {
    if (view.isHeard() && newer.revision() <= view.get().revision()) {
      return;
    }
    view.set(newer);
    subscribers.forEach(subscriber -> subscriber.tell(new CatalogChanged(newer)));
    for (Await await : waiting) {
      if (newer.revision() >= await.revision()) {
        await.reached().complete(newer);
      }
    }
    waiting.removeIf(await -> await.reached().isDone());
  }
}
