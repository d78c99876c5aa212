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
import org.apache.pekko.util.ByteString;

/**
 * Other servers' ways to ask, as thin aliases of the same inference: TensorFlow Serving's and KServe's {@code /v1}, SageMaker's
 * {@code /ping} and {@code /invocations}, and the {@code /} that KServe's client takes for life.
 */
public final class Aliases implements Endpoint {
  private static final String NAMED = "/v1/models/(?<model>[^/:]+)(?:/versions/(?<version>[^/:]+)|/labels/(?<label>[^/:]+))?";
  private static final Pattern VERB = Pattern.compile(NAMED + ":(?<verb>predict|explain|classify|regress)");
  private static final Pattern MODEL = Pattern.compile(NAMED + "(?<metadata>/metadata)?");

  private final Oip oip;
  private final Bodies bodies;
  private final Encodings encodings;
  private final HttpInfer inferences;

  /** @param maxBodyBytes also of a body that came compressed */
  public Aliases(Oip oip, Bodies bodies, long maxBodyBytes) {
    this.oip = oip;
    this.bodies = bodies.telling((status, error, cause) -> Attempt.response(status, cause));
    this.encodings = new Encodings(maxBodyBytes);
    this.inferences = new HttpInfer(oip);
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
      return bodies.unread(request, Attempt.response(Fault.of(failed, request.getUri().path())));
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
        return invoke(request, caller);
      }
      default -> {
        Matcher verb = VERB.matcher(path);
        if (verb.matches()) {
          return verb(request, verb.group("verb"), target(verb), caller);
        }
        Matcher model = MODEL.matcher(path);
        if (model.matches()) {
          return page(request, () -> status(target(model), model.group("metadata") != null));
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

  /** Whoever the path names, as TensorFlow Serving names it; throws {@link Fault} where there is none. */
  private Named target(Matcher path) {
    String model = decoded(path.group("model"));
    if (path.group("label") != null) {
      Target labelled = oip.targets().of(model, "");
      throw new Fault(
          Fault.Kind.NOT_FOUND,
          "Servable not found for request: versions of '%s' have no labels, so none '%s': ask for /versions/VERSION"
              .formatted(labelled.name(), decoded(path.group("label"))));
    }
    return new Named(model, path.group("version") == null ? "" : decoded(path.group("version")));
  }

  /** @param version empty text: the one in use */
  private record Named(String model, String version) {}

  private CompletionStage<HttpResponse> verb(HttpRequest request, String verb, Named asked, Caller caller) {
    onlyPost(request);
    if (!verb.equals("predict")) {
      Target known = oip.targets().of(asked.model(), asked.version());
      throw new Fault(Fault.Kind.UNSUPPORTED, "this server has no :%s for '%s', only :predict".formatted(verb, known.name()));
    }
    return bodies.whole(
        request,
        body -> Attempt.of(() -> predict(request, asked, encodings.decoded(request, body), PredictReply.NoNumber.BARE_WORD, caller), request));
  }

  /** SageMaker's, which leaves the body to the container: one of the Open Inference Protocol, or one of {@code :predict}. */
  private CompletionStage<HttpResponse> invoke(HttpRequest request, Caller caller) {
    onlyPost(request);
    SageMaker.checkType(request);
    Named asked = new Named(SageMaker.targetModel(request).orElseGet(this::only), "");
    return bodies.whole(request, body -> Attempt.of(() -> invoke(request, asked, encodings.decoded(request, body), caller), request));
  }

  private CompletionStage<HttpResponse> invoke(HttpRequest request, Named asked, ByteString body, Caller caller) {
    Optional<String> jsonLength = SageMaker.jsonLength(request);
    return jsonLength.isPresent() || HttpInfer.isOne(body)
        ? inferences.answer(request, asked.model(), asked.version(), body, jsonLength, caller).thenApply(SageMaker::withLengthInType)
        : predict(request, asked, body, PredictReply.NoNumber.NULL, caller);
  }

  /** What an invocation without a name asks: the only application there is. */
  private String only() {
    List<String> applications = oip.targets().applications();
    if (applications.size() != 1) {
      throw Fault.invalid(
          "/invocations asks the only application, and there are %d: name one, or a model, in the header %s", applications.size(), SageMaker.TARGET_MODEL);
    }
    return applications.getFirst();
  }

  /** KServe's fields and TensorFlow Serving's in one object: each client reads its own. */
  private CompletionStage<HttpResponse> status(Named asked, boolean metadata) {
    Target target = oip.targets().of(asked.model(), asked.version());
    if (metadata) {
      return oip.catalogue().describe(asked.model(), asked.version()).thenApply(description -> Replies.json(Pages.metadata(description)));
    }
    return oip.catalogue()
        .isReady(asked.model(), asked.version())
        .thenApply(
            ready -> {
              if (!ready) {
                throw new Fault(Fault.Kind.UNAVAILABLE, "Model '%s' is not ready".formatted(asked.model()));
              }
              return Replies.json(Pages.available(asked.model(), target.version().isEmpty() ? "1" : target.version()));
            });
  }

  private CompletionStage<HttpResponse> predict(
      HttpRequest request, Named asked, ByteString body, PredictReply.NoNumber noNumber, Caller caller) {
    Signature signature = oip.targets().of(asked.model(), asked.version()).signature();
    PredictBody read = PredictBody.read(body, signature);
    PredictBody.Form form = read.form();
    InferRequest infer = new InferRequest(asked.model(), asked.version(), "", Parameters.NONE, read.tensors(), List.of());
    return oip.inference()
        .infer(infer, Optional.empty(), caller)
        .thenApply(response -> Encodings.encoded(request, Replies.json(PredictReply.write(response, form, noNumber))));
  }

  private CompletionStage<HttpResponse> page(HttpRequest request, Supplier<CompletionStage<HttpResponse>> page) {
    if (!request.method().equals(HttpMethods.GET) && !request.method().equals(HttpMethods.HEAD)) {
      throw new Fault(Fault.Kind.TAKES_GET, "Method Not Allowed");
    }
    return Attempt.of(page, request).thenCompose(response -> bodies.unread(request, response));
  }

  private static void onlyPost(HttpRequest request) {
    if (!request.method().equals(HttpMethods.POST)) {
      throw new Fault(Fault.Kind.TAKES_POST, "Method Not Allowed");
    }
  }

  private static String decoded(String segment) {
    return segment.indexOf('%') < 0 ? segment : URLDecoder.decode(segment.replace("+", "%2B"), StandardCharsets.UTF_8);
  }

  private static CompletionStage<HttpResponse> now(HttpResponse response) {
    return CompletableFuture.completedStage(response);
  }
}
