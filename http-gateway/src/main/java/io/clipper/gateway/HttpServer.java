package io.clipper.gateway;

import com.typesafe.config.Config;
import io.clipper.Refused;
import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.Done;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.http.javadsl.Http;
import org.apache.pekko.http.javadsl.ServerBinding;
import org.apache.pekko.http.javadsl.model.HttpRequest;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.http.javadsl.model.StatusCodes;
import org.apache.pekko.http.javadsl.settings.ServerSettings;
import org.apache.pekko.japi.function.Function;

/** One port that is listened on, and the {@link Endpoint} behind it. */
public final class HttpServer {
  private final ServerBinding binding;

  private HttpServer(ServerBinding binding) {
    this.binding = binding;
  }

  /**
   * Fails with {@link Refused} in one line where the port cannot be had.
   *
   * @param option the command line's name for the port
   */
  public static CompletionStage<HttpServer> bind(ActorSystem<?> system, String host, int port, String option, Endpoint endpoint) {
    try {
      probe(host, port);
    } catch (IOException taken) {
      return CompletableFuture.failedStage(refusal(host, port, option, taken));
    }
    return Http.get(system)
        .newServerAt(host, port)
        .withSettings(settings(system.settings().config()))
        .bind(handler(endpoint))
        .handle(
            (binding, failure) ->
                failure == null
                    ? CompletableFuture.completedStage(new HttpServer(binding))
                    : CompletableFuture.<HttpServer>failedStage(refusal(host, port, option, failure)))
        .thenCompose(server -> server);
  }

  public InetSocketAddress address() {
    return binding.localAddress();
  }

  /** No new connections; what was accepted is answered, if it can be within that time. */
  public CompletionStage<Done> stop(Duration deadline) {
    return binding.terminate(deadline).thenApply(terminated -> Done.getInstance());
  }

  private static Function<HttpRequest, CompletionStage<HttpResponse>> handler(Endpoint endpoint) {
    return request -> answer(endpoint, request);
  }

  private static CompletionStage<HttpResponse> answer(Endpoint endpoint, HttpRequest request) {
    CompletionStage<HttpResponse> answer;
    try {
      answer = endpoint.answer(request);
    } catch (RuntimeException bug) {
      return CompletableFuture.completedStage(internalError(request, bug));
    }
    return answer.exceptionally(bug -> internalError(request, Unexpected.cause(bug)));
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
    boolean taken = failure instanceof BindException && String.valueOf(failure.getMessage()).contains("in use");
    return new Refused(
        Refused.Reason.CONFLICT,
        taken
            ? "port %d of %s is in use: choose another with %s".formatted(port, host, option)
            : "cannot listen on %s:%d (%s): see %s and --host".formatted(host, port, Unexpected.cause(failure).getMessage(), option));
  }

  /** Our own block of settings over Pekko's, for these servers only. */
  private static ServerSettings settings(Config config) {
    return ServerSettings.create(config.getConfig("clipper.gateway").withOnlyPath("pekko").withFallback(config));
  }
}
