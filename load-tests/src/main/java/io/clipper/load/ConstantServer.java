package io.clipper.load;

import com.typesafe.config.ConfigFactory;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.http.javadsl.Http;
import org.apache.pekko.http.javadsl.ServerBinding;
import org.apache.pekko.http.javadsl.model.ContentTypes;
import org.apache.pekko.http.javadsl.model.HttpRequest;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.japi.function.Function;

/**
 * The ceiling: the gateway's own HTTP server and dispatchers, which read a request's whole body and answer a constant.
 */
public final class ConstantServer {
  private ConstantServer() {}

  /** Binds to a free port of the loopback interface, or to the one given. */
  public static CompletionStage<ServerBinding> start(ActorSystem<?> system, int port, String answer) {
    HttpResponse response = HttpResponse.create().withEntity(ContentTypes.APPLICATION_JSON, answer.getBytes(StandardCharsets.UTF_8));
    Function<HttpRequest, CompletionStage<HttpResponse>> constant = request -> whole(request, system).thenApply(body -> response);
    return Http.get(system).newServerAt("127.0.0.1", port).bind(constant);
  }

  private static CompletionStage<?> whole(HttpRequest request, ActorSystem<?> system) {
    return request.entity().isStrict() ? CompletableFuture.completedStage(request) : request.entity().toStrict(10_000, system);
  }

  /** Port and answer as arguments. */
  public static void main(String[] arguments) {
    ActorSystem<Void> system = ActorSystem.create(Behaviors.empty(), "constant", ConfigFactory.load());
    start(system, Integer.parseInt(arguments[0]), arguments.length > 1 ? arguments[1] : "{\"query_id\":1,\"output\":1.0,\"default\":false}")
        .thenAccept(bound -> System.out.println("ready " + bound.localAddress()));
  }
}
