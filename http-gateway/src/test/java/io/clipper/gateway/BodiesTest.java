package io.clipper.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
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

  private final Room room = new Room(150);
  private final Bodies bodies = new Bodies(100, room, LONG, Materializer.createMaterializer(TestGateway.SYSTEM));

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

  private CompletableFuture<HttpResponse> whole(Slow slow) {
    return bodies.whole(slow.request, body -> CompletableFuture.completedStage(Replies.text(Integer.toString(body.size())))).toCompletableFuture();
  }

  private static HttpResponse answer(CompletableFuture<HttpResponse> response) {
    return response.orTimeout(LONG.toSeconds(), TimeUnit.SECONDS).join();
  }

  @Test
  void bodiesThatAreBeingReadHaveOneRoomTogether() {
    Slow first = new Slow(90);
    CompletableFuture<HttpResponse> answered = whole(first);
    first.awaitRead();

    Slow second = new Slow(70);
    second.end();
    HttpResponse refused = answer(whole(second));
    assertThat(refused.status().intValue()).isEqualTo(503);
    assertThat(refused.getHeader("Retry-After")).isPresent();
    assertThat(room.taken()).isEqualTo(90);

    Slow small = new Slow(60);
    small.end();
    assertThat(answer(whole(small)).status().intValue()).isEqualTo(200);

    first.end();
    assertThat(answer(answered).status().intValue()).isEqualTo(200);
    assertThat(room.taken()).isZero();
  }

  @Test
  void aBodyThatIsTooLargeOrEndsEarlyLeavesItsRoom() {
    Slow large = new Slow(101);
    large.end();
    assertThat(answer(whole(large)).status().intValue()).isEqualTo(413);
    assertThat(room.taken()).isZero();

    Slow broken = new Slow(100);
    CompletableFuture<HttpResponse> answered = whole(broken);
    broken.awaitRead();
    assertThat(room.taken()).isEqualTo(100);
    broken.rest.completeExceptionally(new IOException("reset"));
    assertThat(answer(answered).status().intValue()).isEqualTo(400);
    assertThat(room.taken()).isZero();
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
