package io.clipper.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.apache.pekko.http.javadsl.model.ContentTypes;
import org.apache.pekko.http.javadsl.model.HttpEntities;
import org.apache.pekko.http.javadsl.model.HttpRequest;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.japi.Pair;
import org.apache.pekko.stream.Materializer;
import org.apache.pekko.stream.javadsl.Source;
import org.apache.pekko.util.ByteString;
import org.junit.jupiter.api.Test;

class BodiesTest {
  private static final Duration LONG = Duration.ofMinutes(1);

  private final Bodies bodies = new Bodies(100, LONG, Materializer.createMaterializer(TestGateway.SYSTEM));

  /** A body of one piece, after which its client pauses until the test says so. */
  private static final class Slow {
    private final CompletableFuture<Boolean> read = new CompletableFuture<>();
    private final CompletableFuture<Optional<Pair<Integer, ByteString>>> rest = new CompletableFuture<>();
    private final HttpRequest request;

    private Slow(int bytes) {
      Source<ByteString, ?> pieces = Source.unfoldAsync(0, given -> given == 0 ? piece(bytes) : paused());
      request = HttpRequest.POST("/").withEntity(HttpEntities.createChunked(ContentTypes.APPLICATION_OCTET_STREAM, pieces));
    }

    private static CompletionStage<Optional<Pair<Integer, ByteString>>> piece(int bytes) {
      return CompletableFuture.completedStage(Optional.of(Pair.create(1, ByteString.fromArray(new byte[bytes]))));
    }

    private CompletionStage<Optional<Pair<Integer, ByteString>>> paused() {
      read.complete(true);
      return rest;
    }

    private Slow awaitRead() {
      read.orTimeout(LONG.toSeconds(), TimeUnit.SECONDS).join();
      return this;
    }

    private void end() {
      rest.complete(Optional.empty());
    }
  }

  private static HttpResponse answer(CompletableFuture<HttpResponse> response) {
    return response.orTimeout(LONG.toSeconds(), TimeUnit.SECONDS).join();
  }

  @Test
  void whatComesOfABodyIsToldWhenAllOfItHasGoneBy() {
    Slow slow = new Slow(90);
    CompletableFuture<HttpResponse> answered =
        bodies
            .streamed(slow.request, 100, body -> CompletableFuture.failedStage(new IllegalStateException("it is not wanted")))
            .exceptionally(failure -> Replies.text(Unexpected.words(Unexpected.cause(failure))))
            .toCompletableFuture();
    slow.awaitRead();
    assertThat(answered).isNotDone();

    slow.end();

    assertThat(answer(answered).status().intValue()).isEqualTo(200);
  }
}
