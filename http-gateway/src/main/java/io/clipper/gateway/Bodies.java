package io.clipper.gateway;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.apache.pekko.Done;
import org.apache.pekko.http.javadsl.model.HttpEntity;
import org.apache.pekko.http.javadsl.model.HttpRequest;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.http.javadsl.model.StatusCode;
import org.apache.pekko.http.javadsl.model.StatusCodes;
import org.apache.pekko.stream.FlowShape;
import org.apache.pekko.stream.Materializer;
import org.apache.pekko.stream.StreamLimitReachedException;
import org.apache.pekko.stream.UniformFanOutShape;
import org.apache.pekko.stream.javadsl.Broadcast;
import org.apache.pekko.stream.javadsl.Flow;
import org.apache.pekko.stream.javadsl.GraphDSL;
import org.apache.pekko.stream.javadsl.Keep;
import org.apache.pekko.stream.javadsl.Sink;
import org.apache.pekko.stream.javadsl.Source;
import org.apache.pekko.util.ByteString;
import org.apache.pekko.util.ByteStringBuilder;
import org.jspecify.annotations.Nullable;

/**
 * Reads a request's body, up to a limit. What is beyond it, or not wanted, is read and dropped, since a client that is still sending hears an
 * answer only from a server that is still reading.
 */
public final class Bodies {
  /** Passes a body on; when nobody wants more of it, what is left is read and dropped. Its value completes when all has gone by. */
  private static final Flow<ByteString, ByteString, CompletionStage<Done>> PASSING_BY =
      Flow.fromGraph(
          GraphDSL.create(
              Sink.<ByteString>ignore(),
              (graph, dropping) -> {
                UniformFanOutShape<ByteString, ByteString> both = graph.add(Broadcast.create(2, false));
                graph.from(both.out(1)).to(dropping);
                return FlowShape.of(both.in(), both.out(0));
              }));

  /** How a door tells its clients of an error. */
  public interface Telling {
    HttpResponse of(StatusCode status, String error, String cause);
  }

  private final Telling errors;
  private final long limit;
  private final Room room;
  private final Duration timeout;
  private final Materializer materializer;

  /** @param room of all that come in several pieces; one that came whole is there already */
  Bodies(long limit, Room room, Duration timeout, Materializer materializer) {
    this(Replies::error, limit, room, timeout, materializer);
  }

  private Bodies(Telling errors, long limit, Room room, Duration timeout, Materializer materializer) {
    this.errors = errors;
    this.limit = limit;
    this.room = room;
    this.timeout = timeout;
    this.materializer = materializer;
  }

  /** The same for a door whose errors look otherwise. */
  public Bodies telling(Telling otherErrors) {
    return new Bodies(otherErrors, limit, room, timeout, materializer);
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
    Collected body = new Collected(limit, room);
    return entity
        .withoutSizeLimit()
        .getDataBytes()
        .completionTimeout(timeout)
        .runFold(body, Collected::plus, materializer)
        .handle((collected, failure) -> answered(body, failure, then))
        .thenCompose(response -> response);
  }

  private CompletionStage<HttpResponse> answered(
      Collected body, @Nullable Throwable failure, Function<ByteString, CompletionStage<HttpResponse>> then) {
    try {
      if (failure != null) {
        return notWhole(failure);
      }
      return body.tooLarge() ? tooLarge() : body.crowdedOut() ? noRoom() : then.apply(body.bytes());
    } finally {
      body.leave();
    }
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

  /**
   * Hands a body on while it comes, up to a limit of its own. Whoever takes it may stop anywhere: the answer comes when the body has gone by.
   * Where it did not come whole, a failure is told as that and not as what it led to.
   *
   * @param then takes the body once, or not at all
   */
  public CompletionStage<HttpResponse> streamed(
      HttpRequest request, long mostBytes, Function<Source<ByteString, ?>, CompletionStage<HttpResponse>> then) {
    if (request.entity().getContentLengthOption().orElse(0) > mostBytes) {
      return unread(request, tooLarge(errors, mostBytes));
    }
    AtomicReference<@Nullable CompletionStage<Done>> passage = new AtomicReference<>();
    AtomicReference<@Nullable Throwable> fault = new AtomicReference<>();
    Source<ByteString, ?> body =
        request
            .entity()
            .withoutSizeLimit()
            .getDataBytes()
            .idleTimeout(timeout)
            .viaMat(PASSING_BY, Keep.right())
            .mapMaterializedValue(
                gone -> {
                  passage.set(gone);
                  return gone;
                })
            .limitWeighted(mostBytes, part -> (long) part.size())
            .mapError(
                Throwable.class,
                broken -> {
                  fault.set(broken);
                  return broken;
                });
    CompletionStage<HttpResponse> answer = then.apply(body).exceptionallyCompose(failure -> broken(fault.get(), failure, mostBytes));
    return answer
        .handle(
            (told, failure) -> {
              CompletionStage<Done> gone = passage.get();
              CompletableFuture<Done> passed = (gone == null ? dropped(request) : gone).toCompletableFuture().copy();
              return passed.completeOnTimeout(Done.getInstance(), timeout.toNanos(), TimeUnit.NANOSECONDS).handle((done, endedEarly) -> answer);
            })
        .thenCompose(later -> later)
        .thenCompose(told -> told);
  }

  private CompletionStage<HttpResponse> broken(@Nullable Throwable fault, Throwable failure, long mostBytes) {
    if (fault == null) {
      return CompletableFuture.failedStage(failure);
    }
    if (fault instanceof StreamLimitReachedException) {
      return CompletableFuture.completedStage(tooLarge(errors, mostBytes));
    }
    return fault instanceof TimeoutException ? timedOut("nothing of the body came for %s s") : notWhole(fault);
  }

  private static boolean expectsContinue(HttpRequest request) {
    return request.getHeader("Expect").isPresent();
  }

  private CompletionStage<HttpResponse> notWhole(Throwable failure) {
    return failure instanceof TimeoutException || failure.getCause() instanceof TimeoutException
        ? timedOut("the body was not there within %s s")
        : CompletableFuture.completedStage(errors.of(StatusCodes.BAD_REQUEST, "Bad request", "the body ended early"));
  }

  private CompletionStage<HttpResponse> timedOut(String words) {
    return CompletableFuture.completedStage(errors.of(StatusCodes.REQUEST_TIMEOUT, "Request timeout", words.formatted(timeout.toSeconds())));
  }

  private CompletionStage<HttpResponse> noRoom() {
    return CompletableFuture.completedStage(
        errors.of(StatusCodes.SERVICE_UNAVAILABLE, "Unavailable", "too many bodies are being read at once: their room is %d bytes".formatted(room.bytes())));
  }

  private CompletionStage<HttpResponse> tooLarge() {
    return CompletableFuture.completedStage(tooLarge(errors, limit));
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
    private final Room room;
    private final ByteStringBuilder kept = ByteString.createBuilder();
    /** For small pieces; what is before {@link #keptOfBlock} is kept already. */
    private ByteBuffer block = ByteBuffer.allocate(0);
    private int keptOfBlock;
    private long size;
    private long taken;
    private boolean crowdedOut;

    Collected(long limit, Room room) {
      this.limit = limit;
      this.room = room;
    }

    Collected plus(ByteString part) {
      size += part.size();
      crowdedOut = crowdedOut || !room.take(part.size());
      taken += crowdedOut ? 0 : part.size();
      if (tooLarge() || crowdedOut) {
        drop();
      } else if (part.size() >= LARGE) {
        keepBlock();
        kept.append(part);
      } else {
        part.getByteBuffers().forEach(this::copy);
      }
      return this;
    }

    private void drop() {
      kept.clear();
      block = ByteBuffer.allocate(0);
      keptOfBlock = 0;
      leave();
    }

    void leave() {
      room.giveBack(taken);
      taken = 0;
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

    boolean crowdedOut() {
      return crowdedOut;
    }

    ByteString bytes() {
      keepBlock();
      return kept.result();
    }
  }
}
