package io.clipper.gateway.admin;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The bytes of deployments that failed. They go when no deployment is under way: another may have brought the same, which are kept once, and
 * none brings any while they go.
 */
final class Leftovers {
  private static final Logger LOG = LoggerFactory.getLogger(Leftovers.class);

  private final Predicate<String> isNamed;
  private final Function<String, CompletionStage<Void>> discard;
  private final Set<String> left = new HashSet<>();
  private CompletableFuture<Void> gone = CompletableFuture.completedFuture(null);
  private int underWay;

  /**
   * @param isNamed whether a version has those bytes, by their SHA-256
   * @param discard takes them away
   */
  Leftovers(Predicate<String> isNamed, Function<String, CompletionStage<Void>> discard) {
    this.isNamed = isNamed;
    this.discard = discard;
  }

  /** A deployment begins; completes when it may store its bytes. */
  synchronized CompletionStage<Void> begin() {
    underWay++;
    return gone.copy();
  }

  /** One that is under way has failed with those bytes. */
  synchronized void add(String sha) {
    left.add(sha);
  }

  /** A deployment is over; after the last one this completes when no bytes are left that no version names, or they cannot be taken away. */
  synchronized CompletionStage<Void> end() {
    underWay--;
    if (underWay > 0) {
      return CompletableFuture.completedStage(null);
    }
    List<String> unnamed = left.stream().filter(isNamed.negate()).toList();
    left.clear();
    gone =
        CompletableFuture.allOf(unnamed.stream().map(sha -> discard.apply(sha).toCompletableFuture()).toArray(CompletableFuture<?>[]::new))
            .exceptionally(Leftovers::kept);
    return gone.copy();
  }

  private static @Nullable Void kept(Throwable why) {
    LOG.warn("the bytes of a deployment that failed are still there: {}", why.toString());
    return null;
  }
}
