package io.clipper.gateway;

import com.typesafe.config.Config;
import io.clipper.Refused;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiFunction;
import java.util.function.LongConsumer;
import org.apache.pekko.Done;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.http.javadsl.Http;
import org.apache.pekko.http.javadsl.ServerBinding;
import org.apache.pekko.http.javadsl.model.HttpRequest;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.http.javadsl.model.StatusCodes;
import org.apache.pekko.http.javadsl.model.headers.Connection;
import org.apache.pekko.http.javadsl.settings.ServerSettings;
import org.apache.pekko.pattern.Patterns;
import org.apache.pekko.stream.javadsl.Flow;

/** One port that is listened on, and the {@link Endpoint} behind it. */
public final class HttpServer {
  /**
   * Between the last answer and the end. Pekko closes a connection on which nothing is asked at once, whatever is still being written to it.
   */
  private static final Duration LINGER = Duration.ofMillis(50);

  /** Pekko refuses to end in no time. */
  private static final Duration AT_LEAST = Duration.ofMillis(1);

  /** Of the time to stop, for what is still being answered when nothing new is taken on any connection. */
  private static final int SHARE_OF_THE_LAST = 5;

  /** A client that keeps its connection learns by it that the next question belongs elsewhere; Pekko closes when the answer is written. */
  private static final Connection CLOSE = Connection.create("close");

  private final ActorSystem<?> system;
  private final ServerBinding binding;
  private final Traffic traffic;

  private HttpServer(ActorSystem<?> system, ServerBinding binding, Traffic traffic) {
    this.system = system;
    this.binding = binding;
    this.traffic = traffic;
  }

  /** What is being answered, and when something was answered last. */
  private static final class Traffic {
    private final AtomicInteger open = new AtomicInteger();
    private volatile long answeredAtNanos = System.nanoTime();
    private volatile boolean ending;

    /** Whatever is answered from now on is its connection's last. */
    void end() {
      ending = true;
    }

    HttpResponse last(HttpResponse response) {
      return ending ? response.addHeader(CLOSE) : response;
    }

    void asked() {
      open.incrementAndGet();
    }

    void answered() {
      answeredAtNanos = System.nanoTime();
      open.decrementAndGet();
    }

    boolean hasSettled() {
      return open.get() == 0 && System.nanoTime() - answeredAtNanos >= LINGER.toNanos();
    }
  }

  /**
   * Fails with {@link Refused} in one line where the port cannot be had.
   *
   * @param block of the settings, where the port has some of its own over those of all
   * @param option the command line's name for the port
   */
  public static CompletionStage<HttpServer> bind(
      ActorSystem<?> system, String block, String host, int port, String option, Endpoint endpoint) {
    return bind(system, block, host, port, option, endpoint, nanos -> {});
  }

  /**
   * The same.
   *
   * @param handOvers told of an answer how many nanoseconds it waited until its connection took it up
   */
  static CompletionStage<HttpServer> bind(
      ActorSystem<?> system, String block, String host, int port, String option, Endpoint endpoint, LongConsumer handOvers) {
    try {
      probe(host, port);
    } catch (IOException taken) {
      return CompletableFuture.failedStage(refusal(host, port, option, taken));
    }
    Traffic traffic = new Traffic();
    return Http.get(system)
        .newServerAt(host, port)
        .withSettings(settings(system.settings().config(), block))
        .bindFlow(Flow.fromGraph(new Conversation(handler(endpoint, traffic), handOvers)))
        .handle(
            (binding, failure) ->
                failure == null
                    ? CompletableFuture.completedStage(new HttpServer(system, binding, traffic))
                    : CompletableFuture.<HttpServer>failedStage(refusal(host, port, option, failure)))
        .thenCompose(server -> server);
  }

  public InetSocketAddress address() {
    return binding.localAddress();
  }

  /**
   * No new connections; those that there are end with their next answer. What was accepted is answered, if it can be within that time; then
   * there are no connections.
   */
  public CompletionStage<Done> stop(Duration deadline) {
    long until = System.nanoTime() + deadline.toNanos();
    traffic.end();
    return binding
        .unbind()
        .thenCompose(unbound -> settled(until - deadline.dividedBy(SHARE_OF_THE_LAST).toNanos()))
        .thenCompose(settled -> binding.terminate(Duration.ofNanos(Math.max(AT_LEAST.toNanos(), until - System.nanoTime()))))
        .thenApply(terminated -> Done.getInstance());
  }

  private CompletionStage<Done> settled(long untilNanos) {
    return traffic.hasSettled() || System.nanoTime() - untilNanos >= 0
        ? CompletableFuture.completedStage(Done.getInstance())
        : Patterns.after(LINGER, system, () -> settled(untilNanos));
  }

  private static BiFunction<HttpRequest, Caller, CompletionStage<HttpResponse>> handler(Endpoint endpoint, Traffic traffic) {
    return (request, caller) -> {
      traffic.asked();
      return answer(endpoint, request, caller)
          .handle(
              (response, bug) -> {
                traffic.answered();
                return traffic.last(bug == null ? response : internalError(request, Unexpected.cause(bug)));
              });
    };
  }

  private static CompletionStage<HttpResponse> answer(Endpoint endpoint, HttpRequest request, Caller caller) {
    try {
      return endpoint.answer(request, caller);
    } catch (RuntimeException bug) {
      return CompletableFuture.failedStage(bug);
    }
  }

  private static HttpResponse internalError(HttpRequest request, Throwable bug) {
    String message = Unexpected.logged(request.method().name() + " " + request.getUri().path(), bug).message();
    return Replies.error(StatusCodes.INTERNAL_SERVER_ERROR, "Internal error", message);
  }

  /** The same port tried and let go first: where it is taken, Pekko's own attempt would log a stack trace beside our one line. */
  private static void probe(String host, int port) throws IOException {
    if (port != 0) {
      try (ServerSocket socket = new ServerSocket()) {
        socket.setReuseAddress(true);
        socket.bind(new InetSocketAddress(host, port));
      }
    }
  }

  /** Why a port cannot be had, in one line that names the option. */
  public static Refused refusal(String host, int port, String option, Throwable failure) {
    // By its words: each transport has a class of its own for it.
    boolean taken = Unexpected.words(failure).contains("in use");
    return new Refused(
        Refused.Reason.CONFLICT,
        taken
            ? "port %d of %s is in use: choose another with %s".formatted(port, host, option)
            : "cannot listen on %s:%d (%s): see %s and --host".formatted(host, port, Unexpected.cause(failure).getMessage(), option));
  }

  /** The port's own settings over our own over Pekko's, for these servers only. */
  private static ServerSettings settings(Config config, String block) {
    Config own = config.getConfig(block).withOnlyPath("pekko");
    return ServerSettings.create(own.withFallback(config.getConfig("clipper.gateway").withOnlyPath("pekko")).withFallback(config));
  }
}
