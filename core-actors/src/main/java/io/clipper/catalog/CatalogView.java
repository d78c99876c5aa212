package io.clipper.catalog;

import io.clipper.Answers;
import io.clipper.Managing;
import io.clipper.Refused;
import io.clipper.membership.NodeRoles;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeoutException;
import org.apache.pekko.actor.CoordinatedShutdown;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.AskPattern;
import org.apache.pekko.cluster.sharding.typed.ClusterShardingSettings;
import org.apache.pekko.cluster.sharding.typed.javadsl.ClusterSharding;
import org.apache.pekko.cluster.sharding.typed.javadsl.Entity;
import org.apache.pekko.cluster.sharding.typed.javadsl.EntityRef;
import org.apache.pekko.pattern.StatusReply;
import org.jspecify.annotations.Nullable;

/** One node's copy of the catalog, read without a lock, and the way to change the catalog from there. */
public final class CatalogView {
  private final EntityRef<CatalogActor.Command> catalog;
  private final CatalogCopy view;
  private final ActorRef<CatalogViewActor.Command> feeder;
  private final CatalogSettings settings;

  private CatalogView(
      EntityRef<CatalogActor.Command> catalog,
      CatalogCopy view,
      ActorRef<CatalogViewActor.Command> feeder,
      CatalogSettings settings) {
    this.catalog = catalog;
    this.view = view;
    this.feeder = feeder;
    this.settings = settings;
  }

  /**
   * Makes a node with the role application one that may hold the catalog, and starts this node's copy. The database is prepared before.
   * Once for each system.
   */
  public static CatalogView start(ActorSystem<?> system, ApplicationRules rules) {
    return start(system, rules, Catalog.EMPTY);
  }

  /** @param lastKnown what this node's copy is until it hears of another */
  public static CatalogView start(ActorSystem<?> system, ApplicationRules rules, Catalog lastKnown) {
    CatalogSettings settings = CatalogSettings.from(system.settings().config());
    ClusterSharding sharding = ClusterSharding.get(system);
    sharding.init(
        Entity.of(CatalogActor.KEY, entity -> CatalogActor.create(rules))
            .withRole(NodeRoles.APPLICATION)
            .withEntityProps(Managing.DISPATCHER)
            .withSettings(ClusterShardingSettings.create(system).withNoPassivationStrategy()));
    EntityRef<CatalogActor.Command> catalog = sharding.entityRefFor(CatalogActor.KEY, CatalogActor.ENTITY_ID);
    CatalogCopy view = new CatalogCopy(lastKnown);
    ActorRef<CatalogViewActor.Command> feeder =
        system.systemActorOf(CatalogViewActor.create(catalog::tell, view, settings), "catalog-view", Managing.DISPATCHER);
    CoordinatedShutdown.get(system)
        .addTask(
            CoordinatedShutdown.PhaseBeforeClusterShutdown(),
            "catalog-view-rests",
            () -> Answers.here(AskPattern.ask(feeder, CatalogViewActor.Rest::new, settings.change(), system.scheduler())));
    return new CatalogView(catalog, view, feeder, settings);
  }

  /** The newest catalog that this node knows; empty until {@link #loaded}. */
  public Catalog current() {
    return view.get();
  }

  /**
   * Whether this node has heard the catalog. Until then what it does not know may be there all the same; so this is asked before something is
   * looked up: afterwards it may be true of another copy than the one that was looked into.
   */
  public boolean isLoaded() {
    return view.isHeard();
  }

  /** Completes when this node has heard the catalog for the first time. */
  public CompletionStage<Catalog> loaded() {
    return reached(0);
  }

  /** Completes when this node's copy has that revision or a later one. */
  public CompletionStage<Catalog> reached(long revision) {
    CompletableFuture<Catalog> reached = new CompletableFuture<>();
    feeder.tell(new CatalogViewActor.Await(revision, reached));
    return reached;
  }

  /** Tells the subscriber the catalog as soon as it is known and at every change, until the subscriber ends. */
  public void subscribe(ActorRef<CatalogChanged> subscriber) {
    feeder.tell(new CatalogViewActor.Watch(subscriber));
  }

  /** Completes once the change is durable and seen on this node, or with {@link Refused}. */
  public CompletionStage<Catalog> change(CatalogChange change) {
    CompletableFuture<Catalog> done = new CompletableFuture<>();
    Answers.here(catalog.<StatusReply<Catalog>>ask(replyTo -> new CatalogActor.Change(change, replyTo), settings.change()))
        .whenComplete((reply, failure) -> settle(reply, failure, done));
    return done;
  }

  private void settle(@Nullable StatusReply<Catalog> reply, @Nullable Throwable failure, CompletableFuture<Catalog> done) {
    if (failure != null) {
      done.completeExceptionally(failure instanceof TimeoutException ? unanswered() : failure);
    } else if (reply == null) {
      done.completeExceptionally(new IllegalStateException("the catalog answered nothing"));
    } else if (reply.isSuccess()) {
      feeder.tell(new CatalogViewActor.Heard(reply.getValue()));
      feeder.tell(new CatalogViewActor.Await(reply.getValue().revision(), done));
    } else {
      done.completeExceptionally(reply.getError());
    }
  }

  private Refused unanswered() {
    return new Refused(
        Refused.Reason.UNAVAILABLE,
        "the catalog did not answer within %d ms, as while it moves or its database is gone; the change may be made all the same"
            .formatted(settings.change().toMillis()));
  }
}
