package io.clipper.gateway.admin;

import io.clipper.Refused;
import io.clipper.gateway.Bodies;
import io.clipper.gateway.Caller;
import io.clipper.gateway.Clipper;
import io.clipper.gateway.Endpoint;
import io.clipper.gateway.GatewaySettings;
import io.clipper.gateway.Readiness;
import io.clipper.gateway.Replies;
import io.clipper.gateway.Statuses;
import io.clipper.gateway.Unexpected;
import io.clipper.gateway.metrics.RequestMeters;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import org.apache.pekko.http.javadsl.model.HttpMethods;
import org.apache.pekko.http.javadsl.model.HttpRequest;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.http.javadsl.model.StatusCode;
import org.apache.pekko.http.javadsl.model.StatusCodes;

/** The management port. */
public final class AdminApi implements Endpoint {
  private static final String DEPLOY = "/admin/deploy";

  private final Clipper clipper;
  private final Bodies bodies;
  private final long maxArtifactBytes;
  private final PrometheusMeterRegistry registry;
  private final RequestMeters meters;
  private final Trust trust;
  private final Deployment deployment;
  private final Executor threads;
  private final Map<String, Verb> verbs = new HashMap<>();

  /** @param threads that answers are worked out on: queries come on those of the connections */
  public AdminApi(
      Clipper clipper, Bodies bodies, GatewaySettings settings, PrometheusMeterRegistry registry, RequestMeters meters, Executor threads) {
    this.clipper = clipper;
    this.bodies = bodies;
    this.maxArtifactBytes = settings.maxArtifactBytes();
    this.registry = registry;
    this.meters = meters;
    this.trust = new Trust(settings.adminToken());
    this.deployment = new Deployment(clipper);
    this.threads = threads;
    List.of(new ApplicationVerbs(clipper).all(), new ModelVerbs(clipper).all(), new WorkerVerbs(clipper).all(), new ClusterVerbs(clipper).all())
        .forEach(some -> some.forEach(verb -> verbs.put(verb.path(), verb)));
  }

  @Override
  public CompletionStage<HttpResponse> answer(HttpRequest request, Caller caller) {
    String asked = request.getUri().path();
    String path = asked.length() > 1 && asked.endsWith("/") ? asked.substring(0, asked.length() - 1) : asked;
    return switch (path) {
      case "/health/live" -> page(request, path, () -> health(clipper.live() ? Optional.empty() : Optional.of("not live"), "live"));
      case "/health/ready" -> page(request, path, () -> health(reason(clipper.ready()), "ready"));
      default -> trust.refusal(request).map(refusal -> bodies.unread(request, refusal)).orElseGet(() -> trusted(request, path));
    };
  }

  private CompletionStage<HttpResponse> trusted(HttpRequest request, String path) {
    if (path.equals("/admin/ping")) {
      return page(request, path, () -> Replies.text("PONG"));
    }
    if (path.equals("/metrics")) {
      return there(() -> page(request, path, this::metrics));
    }
    boolean deploy = path.equals(DEPLOY);
    Verb verb = verbs.get(path);
    if (!deploy && verb == null) {
      return bodies.unread(request, Replies.noSuchPath(path));
    }
    if (!request.method().equals(HttpMethods.POST)) {
      return bodies.unread(request, Replies.wrongMethod(path, HttpMethods.POST));
    }
    return verb == null ? deploy(request) : bodies.whole(request, body -> there(() -> verb.run(body.toArrayUnsafe())));
  }

  private CompletionStage<HttpResponse> there(Supplier<CompletionStage<HttpResponse>> work) {
    return CompletableFuture.supplyAsync(work, threads).thenCompose(answer -> answer);
  }

  private HttpResponse metrics() {
    meters.tidy();
    return PrometheusPage.of(registry);
  }

  private CompletionStage<HttpResponse> deploy(HttpRequest request) {
    DeployRequest asked;
    try {
      asked = DeployRequest.parse(request.getUri().rawQueryString().orElse("")).at(clipper::machine);
      if (request.entity().isKnownEmpty() == asked.hasArtifact()) {
        throw Names.invalid(asked.hasArtifact() ? "the body is empty: it has to be %s".formatted(asked.artifact()) : "an endpoint or a command has no file: the body has to be empty");
      }
    } catch (Refused refused) {
      return bodies.unread(request, Replies.error(Statuses.FITTING.of(refused.reason()), "Bad request", Unexpected.words(refused)));
    }
    if (!asked.hasArtifact()) {
      return Verb.attempt(() -> deployment.deploy(asked), Statuses.FITTING, DEPLOY, "nothing");
    }
    return Verb.attempt(
        () -> bodies.streamed(request, maxArtifactBytes, artifact -> deployment.deploy(asked, artifact, maxArtifactBytes)),
        Statuses.FITTING,
        DEPLOY,
        asked.artifact());
  }

  private CompletionStage<HttpResponse> page(HttpRequest request, String path, Supplier<HttpResponse> page) {
    return bodies.unread(request, isGet(request) ? page.get() : Replies.wrongMethod(path, HttpMethods.GET));
  }

  private static boolean isGet(HttpRequest request) {
    return request.method().equals(HttpMethods.GET) || request.method().equals(HttpMethods.HEAD);
  }

  private static Optional<String> reason(Readiness readiness) {
    return switch (readiness) {
      case Readiness.Ready ready -> Optional.empty();
      case Readiness.NotReady notReady -> Optional.of(notReady.reason());
    };
  }

  private static HttpResponse health(Optional<String> fault, String field) {
    StatusCode status = fault.isEmpty() ? StatusCodes.OK : StatusCodes.SERVICE_UNAVAILABLE;
    return Replies.json(json -> {
          json.writeStartObject();
          json.writeBooleanField(field, fault.isEmpty());
          if (fault.isPresent()) {
            json.writeStringField("reason", fault.get());
          }
          json.writeEndObject();
        })
        .withStatus(status);
  }
}
