package io.clipper.gateway.oip;

import io.clipper.gateway.Bodies;
import io.clipper.gateway.Caller;
import io.clipper.gateway.Endpoint;
import io.clipper.gateway.Json;
import io.clipper.gateway.Readiness;
import io.clipper.gateway.Replies;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.function.Supplier;
import org.apache.pekko.http.javadsl.model.HttpMethods;
import org.apache.pekko.http.javadsl.model.HttpRequest;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.util.ByteString;

/** The protocol over HTTP: every path under {@code /v2}. */
public final class OipApi implements Endpoint {
  private static final String PREFIX = "/v2";

  private final Oip oip;
  private final Bodies bodies;
  private final Encodings encodings;
  private final HttpInfer inferences;

  /** @param maxBodyBytes also of a body that came compressed */
  public OipApi(Oip oip, Bodies bodies, long maxBodyBytes) {
    this.oip = oip;
    this.bodies = bodies.telling((status, error, cause) -> Attempt.response(status, cause));
    this.encodings = new Encodings(maxBodyBytes);
    this.inferences = new HttpInfer(oip);
  }

  @Override
  public CompletionStage<HttpResponse> answer(HttpRequest request, Caller caller) {
    try {
      return route(request, caller).exceptionally(failed -> Attempt.response(Fault.of(failed, request.getUri().path())));
    } catch (RuntimeException failed) {
      return bodies.unread(request, Attempt.response(Fault.of(failed, request.getUri().path())));
    }
  }

  private CompletionStage<HttpResponse> route(HttpRequest request, Caller caller) {
    List<String> path = segments(request.getUri().path().substring(PREFIX.length()));
    return switch (path.isEmpty() ? "" : path.getFirst()) {
      case "" -> page(request, () -> now(Replies.json(Pages.server())));
      case "health" -> health(request, path);
      case "models" -> models(request, path, caller);
      case "repository" -> repository(request, path);
      case "systemsharedmemory", "cudasharedmemory" -> sharedMemory(request, path);
      case "trace", "logging" -> settings(request, path);
      default -> throw nothing(request);
    };
  }

  private CompletionStage<HttpResponse> health(HttpRequest request, List<String> path) {
    return switch (String.join("/", path)) {
      case "health/live" -> page(request, () -> now(live()));
      case "health/ready" -> page(request, () -> now(ready()));
      default -> throw nothing(request);
    };
  }

  private HttpResponse live() {
    if (!oip.catalogue().live()) {
      throw new Fault(Fault.Kind.UNAVAILABLE, "not live");
    }
    return Replies.json(Pages.flags("live"));
  }

  private HttpResponse ready() {
    if (oip.catalogue().ready() instanceof Readiness.NotReady(String reason)) {
      throw new Fault(Fault.Kind.UNAVAILABLE, reason);
    }
    return Replies.json(Pages.flags("live", "ready"));
  }

  private CompletionStage<HttpResponse> models(HttpRequest request, List<String> path, Caller caller) {
    if (path.size() == 1) {
      return page(request, () -> now(Replies.json(Pages.models(oip.catalogue().names()))));
    }
    String name = path.get(1);
    boolean versioned = path.size() > 3 && path.get(2).equals("versions");
    String version = versioned ? path.get(3) : "";
    List<String> rest = path.subList(versioned ? 4 : 2, path.size());
    if (path.size() == 2 && name.equals("stats")) {
      return statistics(request, "", "");
    }
    return switch (String.join("/", rest)) {
      case "" -> page(request, () -> described(name, version, Pages::metadata));
      case "config" -> page(request, () -> described(name, version, Pages::config));
      case "ready" -> page(request, () -> modelReady(name, version));
      case "stats" -> statistics(request, name, version);
      case "infer" -> infer(request, name, version, caller);
      case "trace/setting" -> {
        if (versioned) {
          throw nothing(request);
        }
        oip.targets().of(name, version);
        yield settings(request, rest);
      }
      default -> throw nothing(request);
    };
  }

  private CompletionStage<HttpResponse> described(String name, String version, Function<Description, Json.Writing> page) {
    return oip.catalogue().describe(name, version).thenApply(description -> Replies.json(page.apply(description)));
  }

  private CompletionStage<HttpResponse> modelReady(String name, String version) {
    return oip.catalogue()
        .isReady(name, version)
        .thenApply(
            ready -> {
              if (!ready) {
                throw new Fault(Fault.Kind.UNAVAILABLE, "Model '%s' is not ready".formatted(name));
              }
              return Replies.json(Pages.modelReady(name));
            });
  }

  private CompletionStage<HttpResponse> statistics(HttpRequest request, String name, String version) {
    return page(request, () -> now(Replies.json(Pages.statistics(oip.catalogue().statistics(name, version)))));
  }

  private CompletionStage<HttpResponse> infer(HttpRequest request, String name, String version, Caller caller) {
    onlyPost(request);
    Optional<String> jsonLength = Encodings.header(request, InferReply.HEADER_LENGTH);
    return bodies.whole(
        request, body -> Attempt.of(() -> inferences.answer(request, name, version, encodings.decoded(request, body), jsonLength, caller), request));
  }

  /** With or without a repository's name in the path: there is one. */
  private CompletionStage<HttpResponse> repository(HttpRequest request, List<String> path) {
    List<String> rest = path.size() > 2 && !path.get(1).equals("models") ? path.subList(2, path.size()) : path.subList(1, path.size());
    if (rest.equals(List.of("index"))) {
      onlyPost(request);
      return bodies.whole(request, body -> Attempt.of(() -> index(encodings.decoded(request, body)), request));
    }
    boolean load = rest.size() == 3 && rest.get(2).equals("load");
    boolean unload = rest.size() == 3 && rest.get(2).equals("unload");
    if (!(load || unload) || !rest.getFirst().equals("models")) {
      throw nothing(request);
    }
    onlyPost(request);
    oip.trust().check(Encodings.header(request, "Authorization"), Encodings.header(request, "Origin"), Encodings.header(request, "Host"));
    return bodies.whole(request, body -> Attempt.of(() -> change(rest.get(1), load, encodings.decoded(request, body)), request));
  }

  private CompletionStage<HttpResponse> change(String name, boolean load, ByteString body) {
    Parameters parameters = RepositoryBody.read(body).parameters();
    if (load && parameters.values().keySet().stream().anyMatch(Catalogue::bringsAModel)) {
      throw Catalogue.notHere(name);
    }
    return (load ? oip.catalogue().load(name) : oip.catalogue().unload(name)).thenApply(done -> HttpResponse.create());
  }

  private CompletionStage<HttpResponse> index(ByteString body) {
    return oip.catalogue().index(RepositoryBody.read(body).readyOnly()).thenApply(lines -> Replies.json(Pages.index(lines)));
  }

  /** There is none, which status and unregister can say; to register, which is done to a region by its name, is refused. */
  private CompletionStage<HttpResponse> sharedMemory(HttpRequest request, List<String> path) {
    boolean region = path.size() == 4 && path.get(1).equals("region");
    if (!region && path.size() != 2) {
      throw nothing(request);
    }
    return switch (path.getLast()) {
      case "status" -> page(request, () -> now(Replies.json(Pages.index(List.of()))));
      case "unregister" -> {
        onlyPost(request);
        yield bodies.unread(request, HttpResponse.create());
      }
      case "register" -> {
        if (!region) {
          throw nothing(request);
        }
        onlyPost(request);
        throw new Fault(Fault.Kind.UNSUPPORTED, "this server has no shared memory");
      }
      default -> throw nothing(request);
    };
  }

  /** Nothing is traced, and the log's settings are the node's configuration: both can be read, neither changed. */
  private CompletionStage<HttpResponse> settings(HttpRequest request, List<String> path) {
    return switch (String.join("/", path)) {
      case "trace/setting" -> readable(request, Pages.traceSettings());
      case "logging" -> readable(request, Pages.flags());
      default -> throw nothing(request);
    };
  }

  private CompletionStage<HttpResponse> readable(HttpRequest request, Json.Writing settings) {
    if (request.method().equals(HttpMethods.POST)) {
      throw new Fault(Fault.Kind.UNSUPPORTED, "this server's trace and log settings cannot be changed");
    }
    if (!isRead(request)) {
      throw new Fault(Fault.Kind.TAKES_BOTH, "Method Not Allowed");
    }
    return page(request, () -> now(Replies.json(settings)));
  }

  private CompletionStage<HttpResponse> page(HttpRequest request, Supplier<CompletionStage<HttpResponse>> page) {
    if (!isRead(request)) {
      throw new Fault(Fault.Kind.TAKES_GET, "Method Not Allowed");
    }
    return Attempt.of(page, request).thenCompose(response -> bodies.unread(request, response));
  }

  private static boolean isRead(HttpRequest request) {
    return request.method().equals(HttpMethods.GET) || request.method().equals(HttpMethods.HEAD);
  }

  private static void onlyPost(HttpRequest request) {
    if (!request.method().equals(HttpMethods.POST)) {
      throw new Fault(Fault.Kind.TAKES_POST, "Method Not Allowed");
    }
  }

  private static Fault nothing(HttpRequest request) {
    return new Fault(Fault.Kind.NOT_FOUND, "Not Found: nothing is at " + request.getUri().path());
  }

  /** Decoded, and without an empty one at the end. */
  private static List<String> segments(String path) {
    List<String> segments = new ArrayList<>(Arrays.stream(path.split("/", -1)).skip(1).map(OipApi::decoded).toList());
    if (!segments.isEmpty() && segments.getLast().isEmpty()) {
      segments.removeLast();
    }
    return segments;
  }

  private static String decoded(String segment) {
    return segment.indexOf('%') < 0 ? segment : URLDecoder.decode(segment.replace("+", "%2B"), StandardCharsets.UTF_8);
  }

  private static CompletionStage<HttpResponse> now(HttpResponse response) {
    return CompletableFuture.completedStage(response);
  }
}
