package io.clipper.artifact;

import io.clipper.Aside;
import io.clipper.Refused;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.AskPattern;

/** The nodes that keep state, where a node that keeps none brings its artifacts: what the catalog names outlives it there. */
public final class ArtifactKeepers {
  /** One that is still at it is asked again: it goes on with what it has begun, and one that is gone is known to be by then. */
  private static final Duration ANSWER = Duration.ofSeconds(15);
  /** Ten minutes of them: a large artifact over a slow wire, and into a busy database. */
  private static final int MOST_SILENCES = 40;

  private final ActorSystem<?> system;
  private final ArtifactStore store;
  private final ActorRef<ArtifactActor.Command> own;
  private final Supplier<List<ActorRef<ArtifactActor.Command>>> keepers;
  private final Duration patience;

  /** @param own who reads that store for other nodes */
  public ArtifactKeepers(ActorSystem<?> system, ArtifactStore store, ActorRef<ArtifactActor.Command> own) {
    this(system, store, own, () -> inReach(system), ANSWER);
  }

  ArtifactKeepers(
      ActorSystem<?> system,
      ArtifactStore store,
      ActorRef<ArtifactActor.Command> own,
      Supplier<List<ActorRef<ArtifactActor.Command>>> keepers,
      Duration patience) {
    this.system = system;
    this.store = store;
    this.own = own;
    this.keepers = keepers;
    this.patience = patience;
  }

  /** Completes when one of them keeps it; fails with {@link Refused}. What is not in this node's store is somewhere else, or nowhere. */
  public CompletionStage<Void> keep(String sha256) {
    return CompletableFuture.runAsync(
        () -> {
          if (store.holds(sha256)) {
            keepNow(sha256);
          }
        },
        Aside.THREADS);
  }

  private void keepNow(String sha256) {
    Refused last = unavailable("no node that keeps state is in reach to keep artifact %s; it may be asked again".formatted(sha256));
    int refusals = 0;
    int silences = 0;
    while (silences < MOST_SILENCES) {
      List<ActorRef<ArtifactActor.Command>> asked = keepers.get();
      if (refusals >= asked.size()) {
        throw last;
      }
      try {
        ArtifactActor.Kept kept = ask(asked.get(refusals), sha256);
        if (kept.refusal().isEmpty()) {
          return;
        }
        last = kept.refusal().get();
        refusals++;
      } catch (CompletionException silent) {
        silences++;
      }
    }
    throw unavailable("no node that keeps state has taken artifact %s within %d s".formatted(sha256, patience.multipliedBy(MOST_SILENCES).toSeconds()));
  }

  private ArtifactActor.Kept ask(ActorRef<ArtifactActor.Command> keeper, String sha256) {
    return AskPattern.<ArtifactActor.Command, ArtifactActor.Kept>ask(
            keeper, replyTo -> new ArtifactActor.Keep(sha256, own, replyTo), patience, system.scheduler())
        .toCompletableFuture()
        .join();
  }

  /** In one order, so that the same is asked again. */
  private static List<ActorRef<ArtifactActor.Command>> inReach(ActorSystem<?> system) {
    return ArtifactPeers.registered(system, ArtifactActor.KEEPERS).stream()
        .sorted(Comparator.comparing(keeper -> keeper.path().address().hostPort()))
        .toList();
  }

  private static Refused unavailable(String why) {
    return new Refused(Refused.Reason.UNAVAILABLE, why);
  }
}
