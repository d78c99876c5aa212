package io.clipper.application;

import io.clipper.bulletin.BulletinActor;
import io.clipper.bulletin.BulletinActor.News;
import io.clipper.cache.CacheCleared;
import io.clipper.cache.PredictionCache;
import java.util.HashMap;
import java.util.Map;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.Behaviors;

/** Empties this node's cache once for each order: one that is heard again, as of a node that is back in reach, was carried out already. */
final class CacheOrders {
  private final PredictionCache cache;
  private final Map<ActorRef<BulletinActor.Command>, Long> latest = new HashMap<>();

  private CacheOrders(PredictionCache cache) {
    this.cache = cache;
  }

  static Behavior<News> create(PredictionCache cache) {
    return Behaviors.setup(context -> new CacheOrders(cache).following());
  }

  private Behavior<News> following() {
    return Behaviors.receiveMessage(
        news -> {
          if (news.value().isPresent() && news.value().get() instanceof CacheCleared(long number) && latest.getOrDefault(news.node(), 0L) < number) {
            latest.put(news.node(), number);
            cache.clear();
          }
          return Behaviors.same();
        });
  }
}
