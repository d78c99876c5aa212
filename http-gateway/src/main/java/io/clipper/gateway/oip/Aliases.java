package io.clipper.gateway.oip;

import io.clipper.gateway.Bodies;
import io.clipper.gateway.Caller;
import io.clipper.gateway.Endpoint;
import io.clipper.gateway.Readiness;
import io.clipper.gateway.Replies;
import io.clipper.model.Signature;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.pekko.http.javadsl.model.HttpMethods;
import org.apache.pekko.http.javadsl.model.HttpRequest;
import org.apache.pekko.http.javadsl.model.HttpResponse;

/**
 * Other servers' ways to ask, as thin aliases of the same inference: TensorFlow Serving's and KServe's {@code /v1}, SageMaker's
 * {@code /ping} and {@code /invocations}, and the {@code /} that KServe's client takes for life.
 */
public final class Aliases implements Endpoint {
  private static final Pattern PREDICT = Pattern.compile("/v1/models/([^/:]+)(?:/versions/([^/:]+))?:predict");
  private static final Pattern MODEL = Pattern.compile("/v1/models/([^/:]+)(?:/versions/([^/:]+))?(/metadata)?");

  private final Oip oip;
  private final Bodies bodies;
  private final Encodings encodings;

  /** @param maxBodyBytes also of a body that came compressed */
  public Aliases(Oip oip, Bodies bodies, long maxBodyBytes) {
    this.oip = oip;
    this.bodies = bodies.telling((status, error, cause) -> Attempt.response(status, cause));
    this.encodings = new Encodings(maxBodyBytes);
  }

  /** Whether the path is one of these. */
  public static boolean has(String path) {
    return path.equals("/") || path.equals("/v1") || path.startsWith("/v1/") || path.equals("/ping") || path.equals("/invocations");
  }

  @Override
  public CompletionStage<HttpResponse> answer(HttpRequest request, Caller caller) {
    try {
      return route(request, request.getUri().path(), caller).exceptionally(failed -> Attempt.response(Fault.of(failed, request.getUri().path())));
    } catch (RuntimeException failed) {
      return now(bodies.unread(request, Attempt.response(Fault.of(failed, request.getUri().path()))));
    }
  }

  private CompletionStage<HttpResponse> route(HttpRequest request, String path, Caller caller) {
    switch (path) {
      case "/" -> {
        return page(request, () -> now(Replies.json(Pages.field("status", "alive"))));
      }
      case "/ping" -> {
        return page(request, () -> now(ping()));
      }
      case "/v1/models" -> {
        return page(request, () -> now(Replies.json(Pages.models(oip.catalogue().names()))));
      }
      case "/invocations" -> {
        return predict(request, only(), "", caller);
      }
      default -> {
        Matcher predict = PREDICT.matcher(path);
        if (predict.matches()) {
          return predict(request, decoded(predict.group(1)), version(predict), caller);
        }
        Matcher model = MODEL.matcher(path);
        if (model.matches()) {
          return page(request, () -> status(decoded(model.group(1)), version(model), model.group(3) != null));
        }
        throw new Fault(Fault.Kind.NOT_FOUND, "Not Found: nothing is at " + path);
      }
    }
  }

  private HttpResponse ping() {
    if (oip.catalogue().ready() instanceof Readiness.NotReady(String reason)) {
      throw new Fault(Fault.Kind.UNAVAILABLE, reason);
    }
    return HttpResponse.create();
  }

  /** What an invocation without a name asks: the only application there is. */
  private String only() {
    List<String> applications = oip.targets().applications();
    if (applications.size() != 1) {
      throw Fault.invalid("/invocations asks the only application, and there are %d: ask /v1/models/NAME:predict", applications.size());
    }
    return applications.getFirst();
  }

  /** KServe's fields and TensorFlow Serving's in one object: each client reads its own. */
  private CompletionStage<HttpResponse> status(String name, String version, boolean metadata) {
    Target target = oip.targets().of(name, version);
    if (metadata) {
      return oip.catalogue().describe(name, version).thenApply(description -> Replies.json(Pages.metadata(description)));
    }
    return oip.catalogue()
        .isReady(name, version)
        .thenApply(
            ready -> {
              if (!ready) {
                throw new Fault(Fault.Kind.UNAVAILABLE, "Model '%s' is not ready".formatted(name));
              }
              return Replies.json(Pages.available(name, target.version().isEmpty() ? "1" : target.version()));
            });
  }

  private CompletionStage<HttpResponse> predict(HttpRequest request, String name, String version, Caller caller) {
    if (!request.method().equals(HttpMethods.POST)) {
      throw new Fault(Fault.Kind.TAKES_POST, "Method Not Allowed");
    }
    return bodies.whole(
        request,
        body ->
            Attempt.of(
                () -> {
                  Signature signature = oip.targets().of(name, version).signature();
                  PredictBody read = PredictBody.read(encodings.decoded(request, body), signature);
                  boolean byRow = read.byRow();
                  InferRequest infer = new InferRequest(name, version, "", Parameters.NONE, read.tensors(), List.of());
                  return oip.inference()
                      .infer(infer, Optional.empty(), caller)
                      .thenApply(response -> Encodings.encoded(request, Replies.json(PredictReply.write(response, byRow))));
                },
                request));
  }

  private CompletionStage<HttpResponse> page(HttpRequest request, Supplier<CompletionStage<HttpResponse>> page) {
    if (!request.method().equals(HttpMethods.GET) && !request.method().equals(HttpMethods.HEAD)) {
      throw new Fault(Fault.Kind.TAKES_GET, "Method Not Allowed");
    }
    return Attempt.of(page, request).thenApply(response -> bodies.unread(request, response));
  }

  private static String version(Matcher matcher) {
    return Optional.ofNullable(matcher.group(2)).map(Aliases::decoded).orElse("");
  }

  private static String decoded(String segment) {
    return segment.indexOf('%') < 0 ? segment : URLDecoder.decode(segment.replace("+", "%2B"), StandardCharsets.UTF_8);
  }

  private static CompletionStage<HttpResponse> now(HttpResponse response) {
    return CompletableFuture.completedStage(response);
  }
}
