package io.clipper.gateway;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.apache.pekko.http.javadsl.model.HttpEntity;
import org.apache.pekko.http.javadsl.model.HttpRequest;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.http.javadsl.model.StatusCodes;
import org.apache.pekko.stream.Materializer;
import org.apache.pekko.stream.javadsl.Sink;
import org.apache.pekko.util.ByteString;
import org.apache.pekko.util.ByteStringBuilder;

/**
 * Reads a request's body whole, up to a limit. What is beyond it is read and dropped, since a client that is still sending hears an answer
 * only from a server that is still reading.
 */
public final class Bodies {
  private final long limit;
  private final Duration timeout;
  private final Materializer materializer;

  public Bodies(long limit, Duration timeout, Materializer materializer) {
    this.limit = limit;
    this.timeout = timeout;
    this.materializer = materializer;
  }

  public CompletionStage<HttpResponse> whole(HttpRequest request, Function<byte[], CompletionStage<HttpResponse>> then) {
    HttpEntity entity = request.entity();
    if (entity instanceof HttpEntity.Strict strict) {
      ByteString data = strict.getData();
      return data.size() > limit ? tooLarge() : then.apply(data.toArrayUnsafe());
    }
    if (expectsContinue(request) && entity.getContentLengthOption().orElse(0) > limit) {
      return tooLarge();
    }
    return entity
        .withoutSizeLimit()
        .getDataBytes()
        .completionTimeout(timeout)
        .runFold(new Collected(limit), Collected::plus, materializer)
        .handle((body, failure) -> failure != null ? unread(failure) : body.tooLarge() ? tooLarge() : then.apply(body.bytes()))
        .thenCompose(response -> response);
  }

  /** For an answer that does not depend on the body. */
  public HttpResponse unread(HttpRequest request, HttpResponse answer) {
    if (!expectsContinue(request)) {
      request.entity().withoutSizeLimit().discardBytes(materializer);
    }
    return answer;
  }

  /**
   * For an answer that comes when the body has gone by, as one that is too large: an answer before that closes the connection under a client
   * that still sends, which then may not read it.
   */
  public CompletionStage<HttpResponse> passedBy(HttpRequest request, HttpResponse answer) {
    if (expectsContinue(request)) {
      return CompletableFuture.completedStage(answer);
    }
    return request
        .entity()
        .withoutSizeLimit()
        .getDataBytes()
        .completionTimeout(timeout)
        .runWith(Sink.ignore(), materializer)
        .handle((gone, endedEarly) -> answer);
  }

  private static boolean expectsContinue(HttpRequest request) {
    return request.getHeader("Expect").isPresent();
  }

  private CompletionStage<HttpResponse> unread(Throwable failure) {
    return CompletableFuture.completedStage(
        failure instanceof TimeoutException || failure.getCause() instanceof TimeoutException
            ? Replies.error(StatusCodes.REQUEST_TIMEOUT, "Request timeout", "the body was not there within %s s".formatted(timeout.toSeconds()))
            : Replies.error(StatusCodes.BAD_REQUEST, "Bad request", "the body ended early"));
  }

  private CompletionStage<HttpResponse> tooLarge() {
    return CompletableFuture.completedStage(tooLarge(limit));
  }

  public static HttpResponse tooLarge(long limit) {
    return Replies.error(StatusCodes.CONTENT_TOO_LARGE, "Payload too large", "the body is larger than %d bytes".formatted(limit));
  }

  /** What has come of one body. */
  private static final class Collected {
    private final long limit;
    private final ByteStringBuilder kept = ByteString.createBuilder();
    private long size;

    Collected(long limit) {
      this.limit = limit;
    }

    Collected plus(ByteString part) {
      size += part.size();
      if (tooLarge()) {
        kept.clear();
      } else {
        kept.append(part);
      }
      return this;
    }

    boolean tooLarge() {
      return size > limit;
    }

    byte[] bytes() {
      return kept.result().toArrayUnsafe();
    }
  }
}
