package io.clipper.gateway;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.apache.pekko.Done;
import org.apache.pekko.http.javadsl.model.HttpEntity;
import org.apache.pekko.http.javadsl.model.HttpRequest;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.http.javadsl.model.StatusCode;
import org.apache.pekko.http.javadsl.model.StatusCodes;
import org.apache.pekko.stream.Materializer;
import org.apache.pekko.stream.javadsl.Sink;
import org.apache.pekko.util.ByteString;
import org.apache.pekko.util.ByteStringBuilder;

/**
 * Reads a request's body, up to a limit. What is beyond it, or not wanted, is read and dropped, since a client that is still sending hears an
 * answer only from a server that is still reading.
 */
public final class Bodies {
  /** How a door tells its clients of an error. */
  public interface Telling {
    HttpResponse of(StatusCode status, String error, String cause);
  }

  private final Telling errors;
  private final long limit;
  private final Duration timeout;
  private final Materializer materializer;

  public Bodies(long limit, Duration timeout, Materializer materializer) {
    this(Replies::error, limit, timeout, materializer);
  }

  private Bodies(Telling errors, long limit, Duration timeout, Materializer materializer) {
    this.errors = errors;
    this.limit = limit;
    this.timeout = timeout;
    this.materializer = materializer;
  }

  /** The same for a door whose errors look otherwise. */
  public Bodies telling(Telling otherErrors) {
    return new Bodies(otherErrors, limit, timeout, materializer);
  }

  /** The body is handed on in the pieces in which it came: putting them together would cost as much again. */
  public CompletionStage<HttpResponse> whole(HttpRequest request, Function<ByteString, CompletionStage<HttpResponse>> then) {
    HttpEntity entity = request.entity();
    if (entity instanceof HttpEntity.Strict strict) {
      ByteString data = strict.getData();
      return data.size() > limit ? tooLarge() : then.apply(data);
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

  /**
   * For an answer that does not depend on the body. It comes when the body has gone by, as one that is too large: an answer before that closes
   * the connection under a client that still sends, which then may not read it.
   */
  public CompletionStage<HttpResponse> unread(HttpRequest request, HttpResponse answer) {
    if (request.entity() instanceof HttpEntity.Strict || expectsContinue(request)) {
      return CompletableFuture.completedStage(answer);
    }
    return dropped(request).handle((gone, endedEarly) -> answer);
  }

  private CompletionStage<Done> dropped(HttpRequest request) {
    return request.entity().withoutSizeLimit().getDataBytes().completionTimeout(timeout).runWith(Sink.ignore(), materializer);
  }

  private static boolean expectsContinue(HttpRequest request) {
    return request.getHeader("Expect").isPresent();
  }

  private CompletionStage<HttpResponse> unread(Throwable failure) {
    return CompletableFuture.completedStage(
        failure instanceof TimeoutException || failure.getCause() instanceof TimeoutException
            ? errors.of(StatusCodes.REQUEST_TIMEOUT, "Request timeout", "the body was not there within %s s".formatted(timeout.toSeconds()))
            : errors.of(StatusCodes.BAD_REQUEST, "Bad request", "the body ended early"));
  }

  private CompletionStage<HttpResponse> tooLarge() {
    return CompletableFuture.completedStage(tooLarge(errors, limit));
  }

  public static HttpResponse tooLarge(long limit) {
    return tooLarge(Replies::error, limit);
  }

  private static HttpResponse tooLarge(Telling errors, long limit) {
    return errors.of(StatusCodes.CONTENT_TOO_LARGE, "Payload too large", "the body is larger than %d bytes".formatted(limit));
  }

  /**
   * What has come of one body. Large pieces are kept as they are; small ones are put together, as a piece that is kept costs more than a few
   * bytes weigh.
   */
  private static final class Collected {
    private static final int LARGE = 8 << 10;
    private static final int LEAST_BLOCK = 512;
    private static final int MOST_BLOCK = 64 << 10;

    private final long limit;
    private final ByteStringBuilder kept = ByteString.createBuilder();
    /** For small pieces; what is before {@link #keptOfBlock} is kept already. */
    private ByteBuffer block = ByteBuffer.allocate(0);
    private int keptOfBlock;
    private long size;

    Collected(long limit) {
      this.limit = limit;
    }

    Collected plus(ByteString part) {
      size += part.size();
      if (tooLarge()) {
        kept.clear();
        block = ByteBuffer.allocate(0);
        keptOfBlock = 0;
      } else if (part.size() >= LARGE) {
        keepBlock();
        kept.append(part);
      } else {
        part.getByteBuffers().forEach(this::copy);
      }
      return this;
    }

    private void copy(ByteBuffer piece) {
      int from = piece.position();
      while (from < piece.limit()) {
        if (!block.hasRemaining()) {
          keepBlock();
          block = ByteBuffer.allocate(Math.clamp(size, LEAST_BLOCK, MOST_BLOCK));
          keptOfBlock = 0;
        }
        int length = Math.min(block.remaining(), piece.limit() - from);
        block.put(block.position(), piece, from, length).position(block.position() + length);
        from += length;
      }
    }

    private void keepBlock() {
      if (block.position() > keptOfBlock) {
        kept.append(ByteString.fromArrayUnsafe(block.array(), keptOfBlock, block.position() - keptOfBlock));
        keptOfBlock = block.position();
      }
    }

    boolean tooLarge() {
      return size > limit;
    }

    ByteString bytes() {
      keepBlock();
      return kept.result();
    }
  }
}
