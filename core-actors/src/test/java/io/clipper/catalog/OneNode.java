package io.clipper.catalog;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.clipper.storage.Database;
import io.clipper.storage.Storage;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.cluster.typed.Cluster;
import org.apache.pekko.cluster.typed.Join;

/** A cluster of one node over a database, with its view of the catalog. */
final class OneNode implements AutoCloseable {
  /** What takes longer has hung. */
  private static final int SECONDS = 60;

  private static final Config CLUSTER =
      ConfigFactory.parseString(
          """
          pekko.loglevel = WARNING
          pekko.actor.provider = cluster
          pekko.remote.artery.canonical { hostname = "127.0.0.1", port = 0 }
          pekko.cluster.roles = [application]
          pekko.cluster.jmx.multi-mbeans-in-same-jvm = on
          pekko.cluster.min-nr-of-members = 1
          pekko.cluster.gossip-interval = 100ms
          pekko.cluster.leader-actions-interval = 100ms
          pekko.cluster.sharding.retry-interval = 100ms
          pekko.cluster.singleton.hand-over-retry-interval = 100ms
          pekko.coordinated-shutdown.exit-jvm = off
          pekko.coordinated-shutdown.run-by-actor-system-terminate = off
          clipper.catalog.retry-interval = 50ms
          clipper.catalog.change-timeout = 60s
          """);

  final ActorSystem<Void> system;
  final CatalogView view;
  private final Database database;

  private OneNode(ActorSystem<Void> system, Database database, CatalogView view) {
    this.system = system;
    this.database = database;
    this.view = view;
  }

  /** The catalog is there: what is asked of it from now on waits for no start. */
  static OneNode start(Config storage) throws Exception {
    OneNode node = outsideACluster(storage);
    Cluster cluster = Cluster.get(node.system);
    cluster.manager().tell(Join.create(cluster.selfMember().address()));
    await(node.view.loaded());
    return node;
  }

  /** Such a node finds no catalog. */
  static OneNode outsideACluster(Config storage) {
    ActorSystem<Void> system =
        ActorSystem.create(Behaviors.empty(), "test", storage.withFallback(CLUSTER).withFallback(ConfigFactory.load()));
    Database database = Storage.prepare(system);
    return new OneNode(system, database, CatalogView.start(system, CatalogExamples.ANY));
  }

  static <T> T await(CompletionStage<T> stage) throws Exception {
    return stage.toCompletableFuture().get(SECONDS, TimeUnit.SECONDS);
  }

  @Override
  public void close() {
    system.terminate();
    database.closed().toCompletableFuture().orTimeout(SECONDS, TimeUnit.SECONDS).join();
  }
}
