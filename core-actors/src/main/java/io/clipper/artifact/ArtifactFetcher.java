package io.clipper.artifact;

import io.clipper.Aside;
import io.clipper.Refused;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The way to an artifact's bytes: this node's store, and what is not there from the first source that has it whole. However many ask for one
 * at once, it is fetched once.
 */
public final class ArtifactFetcher {
  private final ArtifactStore store;
  private final List<ArtifactSource> sources;
  private final ConcurrentHashMap<String, CompletableFuture<Path>> underWay = new ConcurrentHashMap<>();

  /** @param sources in the order in which they are asked */
  public ArtifactFetcher(ArtifactStore store, List<ArtifactSource> sources) {
    this.store = store;
    this.sources = List.copyOf(sources);
  }

  /** Fails with {@link Refused} where no source has it. */
  public CompletionStage<Path> fetch(String sha256) {
    if (store.holds(sha256)) {
      return CompletableFuture.completedStage(store.path(sha256));
    }
    CompletableFuture<Path> mine = new CompletableFuture<>();
    CompletableFuture<Path> first = underWay.putIfAbsent(sha256, mine);
    if (first != null) {
      return first;
    }
    Aside.THREADS.execute(
        () -> {
          try {
            Path path = fetchNow(sha256);
            underWay.remove(sha256, mine);
            mine.complete(path);
          } catch (RuntimeException | Error failed) {
            // Gone before it fails: whoever hears of it and asks again makes a new attempt.
            underWay.remove(sha256, mine);
            mine.completeExceptionally(failed);
          }
        });
    return mine;
  }

  /** The same for a thread that may wait. */
  public Path path(String sha256) {
    return await(fetch(sha256));
  }

  private Path fetchNow(String sha256) {
    List<String> failures = new ArrayList<>();
    for (ArtifactSource source : sources) {
      try {
        if (fetched(sha256, source)) {
          return store.path(sha256);
        }
        failures.add(source.place() + " does not have it");
      } catch (Refused | IOException | UncheckedIOException | CompletionException failed) {
        Throwable cause = cause(failed);
        failures.add("%s: %s".formatted(source.place(), cause.getMessage() == null ? cause : cause.getMessage()));
      }
    }
    throw new Refused(
        Refused.Reason.NOT_FOUND,
        "artifact %s is not in this node's store, and could not be fetched: %s"
            .formatted(sha256, failures.isEmpty() ? "there is nowhere to fetch it from" : String.join("; ", failures)));
  }

  /** By a file of its own, so that a source that fails half-way leaves nothing for the next one to trip over. */
  private boolean fetched(String sha256, ArtifactSource source) throws IOException {
    Path unfinished = store.unfinished();
    try {
      boolean found;
      try (OutputStream to = new BufferedOutputStream(Files.newOutputStream(unfinished))) {
        found = await(source.fetch(sha256, to));
      }
      if (found) {
        try (InputStream packed = new BufferedInputStream(Files.newInputStream(unfinished))) {
          store.unpack(sha256, packed);
        }
      }
      return found;
    } finally {
      Files.deleteIfExists(unfinished);
    }
  }

  private static <T> T await(CompletionStage<T> stage) {
    try {
      return stage.toCompletableFuture().join();
    } catch (CompletionException failed) {
      if (failed.getCause() instanceof Refused refused) {
        throw refused;
      }
      throw failed;
    }
  }

  private static Throwable cause(Throwable failure) {
    return failure instanceof CompletionException wrapped && wrapped.getCause() != null ? wrapped.getCause() : failure;
  }
}
