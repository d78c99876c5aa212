package io.clipper.gateway.clipper;

import io.clipper.Refused;
import io.clipper.application.Applications;
import io.clipper.application.Feedback;
import io.clipper.application.Prediction;
import io.clipper.application.Query;
import io.clipper.catalog.Application;
import io.clipper.gateway.Bodies;
import io.clipper.gateway.Caller;
import io.clipper.gateway.Clipper;
import io.clipper.gateway.Endpoint;
import io.clipper.gateway.JsonFault;
import io.clipper.gateway.Replies;
import io.clipper.gateway.Unexpected;
import io.clipper.gateway.metrics.MetricNames;
import io.clipper.gateway.metrics.OriginalMetrics;
import io.clipper.gateway.metrics.Outcome;
import io.clipper.gateway.metrics.Protocol;
import io.clipper.gateway.metrics.RequestMeters;
import io.clipper.gateway.metrics.RequestMeters.ApplicationMeters;
import io.clipper.model.Input;
import io.clipper.wire.WireSettings;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.apache.pekko.http.javadsl.model.HttpMethods;
import org.apache.pekko.http.javadsl.model.HttpRequest;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.util.ByteString;

/** The original's query port. */
public final class QueryApi implements Endpoint {
  private final Clipper clipper;
  private final Bodies bodies;
  private final WireSettings wire;
  private final RequestMeters meters;
  private final OriginalMetrics originalMetrics;
  private final LongSupplier nanoClock;

  public QueryApi(Clipper clipper, Bodies bodies, WireSettings wire, RequestMeters meters, LongSupplier nanoClock) {
    this.clipper = clipper;
    this.bodies = bodies;
    this.wire = wire;
    this.meters = meters;
    this.originalMetrics = new OriginalMetrics(meters, clipper::batches);
    this.nanoClock = nanoClock;
  }

  @Override
  public CompletionStage<HttpResponse> answer(HttpRequest request, Caller caller) {
    String path = request.getUri().path();
    int end = path.endsWith("/") ? path.length() - 1 : path.length();
    int slash = path.lastIndexOf('/', end - 1);
    if (slash == 0 && path.startsWith("metrics", 1) && end == "/metrics".length()) {
      return metrics(request, path);
    }
    boolean predict = path.startsWith("predict", slash + 1) && end - slash == "/predict".length();
    boolean update = path.startsWith("update", slash + 1) && end - slash == "/update".length();
    if (slash < 2 || path.lastIndexOf('/', slash - 1) != 0 || !(predict || update)) {
      return bodies.unread(request, Replies.noSuchPath(path));
    }
    if (!request.method().equals(HttpMethods.POST)) {
      return bodies.unread(request, Replies.wrongMethod(path, HttpMethods.POST));
    }
    String name = decoded(path.substring(1, slash));
    boolean known = clipper.knowsCatalog();
    Optional<Application> application = clipper.application(name);
    if (application.isEmpty()) {
      Failure failure = known ? Failure.noSuchApplication(name) : Failure.of(Applications.starting(), path);
      meters.of(MetricNames.UNKNOWN).predicted(Protocol.CLIPPER, failure.outcome(), 0);
      return bodies.unread(request, failure.response());
    }
    return bodies.whole(request, predict ? body -> predict(application.get(), body, caller) : body -> update(application.get(), body));
  }

  private CompletionStage<HttpResponse> metrics(HttpRequest request, String path) {
    boolean get = request.method().equals(HttpMethods.GET) || request.method().equals(HttpMethods.HEAD);
    return bodies.unread(request, get ? Replies.json(originalMetrics.json()) : Replies.wrongMethod(path, HttpMethods.GET));
  }

  private CompletionStage<HttpResponse> predict(Application application, ByteString body, Caller caller) {
    ApplicationMeters counted = meters.of(application.name());
    PredictRequest request;
    try {
      request = PredictRequest.read(body, application.signature(), wire);
    } catch (JsonFault fault) {
      counted.predicted(Protocol.CLIPPER, Outcome.INVALID, 0);
      return now(Failure.of(fault, PredictRequest.SCHEMA).response());
    } catch (Refused tooLarge) {
      counted.predicted(Protocol.CLIPPER, Outcome.INVALID, 0);
      return now(failure("predict", application, tooLarge).response());
    }
    if (!request.batch()) {
      return ask(application, request, request.inputs().getFirst(), counted, caller, Answer::response);
    }
    List<CompletableFuture<Answer>> answers = new ArrayList<>(request.inputs().size());
    for (Input input : request.inputs()) {
      answers.add(ask(application, request, input, counted, caller, answer -> answer).toCompletableFuture());
    }
    return CompletableFuture.allOf(answers.toArray(CompletableFuture<?>[]::new))
        .thenApply(all -> Replies.json(json -> Answer.writeBatch(json, answers.stream().map(CompletableFuture::join).toList())));
  }

  private <T> CompletionStage<T> ask(
      Application application, PredictRequest request, Input input, ApplicationMeters counted, Caller caller, Function<Answer, T> then) {
    long askedAt = nanoClock.getAsLong();
    return caller
        .awaits(predicted(request.query(application.name(), input)))
        .handle(
            (prediction, failure) -> {
              Answer answer = failure == null ? judged(application, prediction) : new Answer.Failed(failure("predict", application, failure));
              long nanos = nanoClock.getAsLong() - askedAt;
              switch (answer) {
                case Answer.Predicted(var answered) -> counted.predicted(Protocol.CLIPPER, answered, nanos);
                case Answer.Failed(var why) -> counted.predicted(Protocol.CLIPPER, why.outcome(), nanos);
              }
              return then.apply(answer);
            });
  }

  private CompletionStage<Prediction> predicted(Query query) {
    try {
      return clipper.predict(query);
    } catch (RuntimeException failure) {
      return CompletableFuture.failedStage(failure);
    }
  }

  private static Answer judged(Application application, Prediction prediction) {
    if (prediction.refused() && application.learning().onOverload().equals("refuse")) {
      return new Answer.Failed(Failure.overload(prediction.defaultReason().orElse("no model has room for the query")));
    }
    return new Answer.Predicted(prediction);
  }

  private Failure failure(String verb, Application application, Throwable failure) {
    Throwable cause = Unexpected.cause(failure);
    if (cause instanceof Refused && clipper.application(application.name()).isEmpty()) {
      return Failure.noSuchApplication(application.name());
    }
    return Failure.of(cause, "%s for '%s'".formatted(verb, application.name()));
  }

  private CompletionStage<HttpResponse> update(Application application, ByteString body) {
    ApplicationMeters counted = meters.of(application.name());
    CompletionStage<Feedback.Receipt> receipt;
    try {
      receipt = clipper.observe(UpdateRequest.read(body, application.name(), application.signature(), wire));
    } catch (JsonFault fault) {
      counted.updated(Outcome.INVALID);
      return now(Failure.of(fault, UpdateRequest.SCHEMA).response());
    } catch (Refused refused) {
      receipt = CompletableFuture.failedStage(refused);
    }
    return receipt.handle(
        (learned, failure) -> {
          if (failure != null) {
            Failure told = failure("update", application, failure);
            counted.updated(told.outcome());
            return told.response();
          }
          counted.updated(Outcome.OK);
          return Replies.json(
              json -> {
                json.writeStartObject();
                json.writeNumberField("query_id", learned.queryId());
                json.writeBooleanField("observed", learned.observed());
                json.writeNumberField("models", learned.models());
                json.writeEndObject();
              });
        });
  }

  /** A path keeps its escapes; a plus sign in it is a plus sign. */
  private static String decoded(String segment) {
    return segment.indexOf('%') < 0 ? segment : URLDecoder.decode(segment.replace("+", "%2B"), StandardCharsets.UTF_8);
  }

  private static CompletionStage<HttpResponse> now(HttpResponse response) {
    return CompletableFuture.completedStage(response);
  }
}
