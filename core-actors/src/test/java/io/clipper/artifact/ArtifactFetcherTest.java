package io.clipper.artifact;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.clipper.Refused;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ArtifactFetcherTest {
  @TempDir private Path temporary;
  private ArtifactStore there = ArtifactStore.open(Path.of("target", "no-artifacts"));
  private ArtifactStore here = there;
  private String sha256 = "";

  @BeforeEach
  void keepItThere() {
    there = ArtifactStore.open(temporary.resolve("there"));
    here = ArtifactStore.open(temporary.resolve("here"));
    sha256 = there.store("abc".getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void whatIsHereIsAskedOfNobody() {
    here.store("abc".getBytes(StandardCharsets.UTF_8));

    assertThat(new ArtifactFetcher(here, List.of()).path(sha256)).hasContent("abc");
  }

  @Test
  void aDamagedCopyOfItsOwnIsFetchedAnew() throws IOException {
    Files.writeString(temporary.resolve("here").resolve(sha256), "abd");
    ArtifactFetcher alone = new ArtifactFetcher(here, List.of(nothing()));
    assertThat(catchThrowableOfType(Refused.class, () -> alone.path(sha256))).hasMessageContaining("is damaged in this node's store");

    assertThat(new ArtifactFetcher(here, List.of(the())).path(sha256)).hasContent("abc");
    assertThat(alone.path(sha256)).as("it is sound now").hasContent("abc");
  }

  @Test
  void theNextSourceIsAskedWhereOneHasNothingBreaksOrLies() throws IOException {
    ArtifactFetcher fetcher = new ArtifactFetcher(here, List.of(nothing(), breaks(), other(), the()));

    assertThat(fetcher.path(sha256)).hasContent("abc");
    assertOnlyHere(sha256);
  }

  @Test
  void whyNoSourceHadItIsSaid() throws IOException {
    Refused refused = catchThrowableOfType(Refused.class, () -> new ArtifactFetcher(here, List.of(nothing(), breaks(), other())).path(sha256));

    assertThat(refused.reason()).isEqualTo(Refused.Reason.NOT_FOUND);
    assertThat(refused).hasMessageContaining("nobody does not have it").hasMessageContaining("broken: the wire is cut").hasMessageContaining("liar: ");
    assertOnlyHere();
  }

  @Test
  void thoseWhoAskAtOnceShareOneFetch() {
    CompletableFuture<Boolean> held = new CompletableFuture<>();
    AtomicInteger asked = new AtomicInteger();
    ArtifactFetcher fetcher =
        new ArtifactFetcher(
            here,
            List.of(
                source(
                    "slow",
                    to -> {
                      asked.incrementAndGet();
                      return held.thenApply(go -> pack(sha256, to));
                    })));
    CompletionStage<Path> first = fetcher.fetch(sha256);
    CompletionStage<Path> second = fetcher.fetch(sha256);

    held.complete(true);

    assertThat(first.toCompletableFuture().join()).isEqualTo(second.toCompletableFuture().join()).hasContent("abc");
    assertThat(asked).hasValue(1);
  }

  @Test
  void whatCouldNotBeFetchedIsTriedAgainWhenItIsAskedForAgain() {
    AtomicInteger asked = new AtomicInteger();
    ArtifactFetcher fetcher =
        new ArtifactFetcher(
            here,
            List.of(
                source(
                    "late", to -> CompletableFuture.completedStage(asked.incrementAndGet() > 1 && pack(sha256, to)))));

    assertThat(catchThrowableOfType(Refused.class, () -> fetcher.path(sha256))).isNotNull();
    assertThat(fetcher.path(sha256)).hasContent("abc");
  }

  private ArtifactSource the() {
    return source("owner", to -> CompletableFuture.completedStage(pack(sha256, to)));
  }

  private ArtifactSource nothing() {
    return source("nobody", to -> CompletableFuture.completedStage(false));
  }

  private ArtifactSource breaks() {
    return source(
        "broken",
        to -> {
          write(to, "Fab");
          return CompletableFuture.failedStage(new IllegalStateException("the wire is cut"));
        });
  }

  private ArtifactSource other() {
    return source(
        "liar",
        to -> {
          write(to, "Fabd");
          return CompletableFuture.completedStage(true);
        });
  }

  private boolean pack(String artifact, OutputStream to) {
    try {
      there.pack(artifact, to);
      return true;
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }

  private static void write(OutputStream to, String text) {
    try {
      to.write(text.getBytes(StandardCharsets.UTF_8));
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }

  private void assertOnlyHere(String... names) throws IOException {
    try (Stream<Path> files = Files.list(temporary.resolve("here"))) {
      assertThat(files.map(file -> file.getFileName().toString())).containsExactly(names);
    }
  }

  /** One way of answering. */
  private interface Answering {
    CompletionStage<Boolean> write(OutputStream to);
  }

  private static ArtifactSource source(String place, Answering answering) {
    return new ArtifactSource() {
      @Override
      public CompletionStage<Boolean> fetch(String sha256, OutputStream to) {
        return answering.write(to);
      }

      @Override
      public String place() {
        return place;
      }
    };
  }
}
