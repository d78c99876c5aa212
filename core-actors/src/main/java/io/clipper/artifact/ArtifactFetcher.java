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
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The way to an artifact's bytes: this node's store, and what is not there, or is damaged, from the first source that has it whole. However
 * many ask for one at once, it is fetched once.
 */
public final class ArtifactFetcher {
  private static final Logger LOG = LoggerFactory.getLogger(ArtifactFetcher.class);

  private final ArtifactStore store;
  private final List<ArtifactSource> sources;
  private final Supplier<List<ArtifactSource>> members;
  private final ConcurrentHashMap<String, CompletableFuture<Path>> underWay = new ConcurrentHashMap<>();

  /** @param sources in the order in which they are asked */
  public ArtifactFetcher(ArtifactStore store, List<ArtifactSource> sources) {
    this(store, sources, List::of);
  }

  /** @param members the other nodes of the moment, which are asked after the sources */
  public ArtifactFetcher(ArtifactStore store, List<ArtifactSource> sources, Supplier<List<ArtifactSource>> members) {
    this.store = store;
    this.sources = List.copyOf(sources);
    this.members = members;
  }

  /** Fails with {@link Refused} where no source has it. */
  public CompletionStage<Path> fetch(String sha256) {
    return fetch(sha256, List.of());
  }

  private CompletionStage<Path> fetch(String sha256, List<ArtifactSource> first) {
    CompletableFuture<Path> mine = new CompletableFuture<>();
    CompletableFuture<Path> others = underWay.putIfAbsent(sha256, mine);
    if (others != null) {
      return others;
    }
    Aside.THREADS.execute(
        () -> {
          try {
            Path path = fetchNow(sha256, first);
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

  /** The same, of a source that is asked before all others. */
  public Path path(String sha256, ArtifactSource first) {
    return await(fetch(sha256, List.of(first)));
  }

  private Path fetchNow(String sha256, List<ArtifactSource> first) {
    if (store.isSound(sha256)) {
      return store.path(sha256);
    }
    boolean damaged = store.holds(sha256);
    if (damaged) {
      LOG.warn("artifact {} in this node's store is damaged, and fetched anew", sha256);
    }
    List<String> failures = new ArrayList<>();
    if (fetchedFromOne(Stream.concat(first.stream(), sources.stream()).toList(), sha256, failures) || fetchedFromAMember(sha256, failures)) {
      return store.path(sha256);
    }
    throw new Refused(
        Refused.Reason.NOT_FOUND,
        "artifact %s is %s, and could not be fetched: %s"
            .formatted(sha256, damaged ? "damaged in this node's store" : "not in this node's store", String.join("; ", failures)));
  }

  private boolean fetchedFromAMember(String sha256, List<String> failures) {
    List<String> ofMembers = new ArrayList<>();
    try {
      if (fetchedFromOne(members.get(), sha256, ofMembers)) {
        return true;
      }
    } catch (CompletionException unknown) {
      ofMembers.add("the members are not known: " + words(unknown));
    }
    failures.addAll(ofMembers.isEmpty() ? List.of("no other node is in reach") : ofMembers);
    return false;
  }

  private boolean fetchedFromOne(List<ArtifactSource> asked, String sha256, List<String> failures) {
    for (ArtifactSource source : asked) {
      try {
        if (fetched(sha256, source)) {
          return true;
        }
        failures.add(source.place() + " does not have it");
      } catch (Refused | IOException | UncheckedIOException | CompletionException failed) {
        failures.add("%s: %s".formatted(source.place(), words(failed)));
      }
    }
    return false;
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

  private static String words(Throwable failure) {
    Throwable cause = failure;
    while ((cause instanceof CompletionException || cause instanceof UncheckedIOException) && cause.getCause() != null) {
      cause = cause.getCause();
    }
    return cause.getMessage() == null ? cause.toString() : cause.getMessage();
  }
}
