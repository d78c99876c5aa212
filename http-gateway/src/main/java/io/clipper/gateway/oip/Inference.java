package io.clipper.gateway.oip;

import io.clipper.Refused;
import io.clipper.application.Prediction;
import io.clipper.application.Query;
import io.clipper.catalog.Application;
import io.clipper.gateway.Caller;
import io.clipper.gateway.Clipper;
import io.clipper.gateway.metrics.Outcome;
import io.clipper.gateway.metrics.Protocol;
import io.clipper.gateway.metrics.RequestMeters.ApplicationMeters;
import io.clipper.model.Input;
import io.clipper.model.ModelId;
import io.clipper.model.TensorSpec;
import io.clipper.replica.ReplicaRouterActor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongSupplier;

/** Answers inferences, whichever door they came by: each row is a query of its own, and the answer keeps their order. */
final class Inference {
  private final Clipper clipper;
  private final Targets targets;
  private final OutputSpecs specs;
  private final Function<String, ApplicationMeters> meters;
  private final Consumer<ModelId> cacheHits;
  private final LongSupplier nanoClock;
  private final Duration modelTimeout;

  /**
   * @param cacheHits hears of each row of a model that was asked directly and did not have to compute it
   * @param modelTimeout for a model that is asked directly by a request without a timeout: it has no objective to keep
   */
  Inference(
      Clipper clipper,
      Targets targets,
      OutputSpecs specs,
      Function<String, ApplicationMeters> meters,
      Consumer<ModelId> cacheHits,
      LongSupplier nanoClock,
      Duration modelTimeout) {
    this.clipper = clipper;
    this.targets = targets;
    this.specs = specs;
    this.meters = meters;
    this.cacheHits = cacheHits;
    this.nanoClock = nanoClock;
    this.modelTimeout = modelTimeout;
  }

  /**
   * Fails with {@link Fault}, or throws it.
   *
   * @param patience how long the client waits at most, where its protocol says so: it shortens, and never lengthens, the time there is
   * @param caller whom the answer is for
   */
  CompletionStage<InferResponse> infer(InferRequest request, Optional<Duration> patience, Caller caller) {
    Target target = targets.of(request.model(), request.version());
    Rows rows;
    try {
      rows = Rows.cut(request.inputs(), target.signature());
    } catch (Fault fault) {
      if (target instanceof Target.OfApplication application) {
        meters.apply(application.application().name()).predicted(Protocol.OIP, Outcome.INVALID, 0);
      }
      throw fault;
    }
    InferRequest asked = request.withoutInputs();
    boolean batched = rows.batched();
    List<CompletableFuture<AnsweredRow>> answers = new ArrayList<>(rows.inputs().size());
    for (Input input : rows.inputs()) {
      answers.add(ask(target, asked, input, patience, caller).toCompletableFuture());
    }
    return CompletableFuture.allOf(answers.toArray(CompletableFuture<?>[]::new))
        .thenApply(all -> response(target, asked, answers.stream().map(CompletableFuture::join).toList(), batched));
  }

  private CompletionStage<AnsweredRow> ask(Target target, InferRequest request, Input input, Optional<Duration> patience, Caller caller) {
    return switch (target) {
      case Target.OfApplication application -> query(application, request, input, patience, caller);
      case Target.OfModel model ->
          caller.awaits(clipper.ask(model.model().id(), input, shorter(request.timeout().orElse(modelTimeout), patience))).thenApply(this::row);
    };
  }

  private CompletionStage<AnsweredRow> query(
      Target.OfApplication target, InferRequest request, Input input, Optional<Duration> patience, Caller caller) {
    Application application = target.application();
    Duration asked = request.timeout().orElse(application.slo());
    Duration budget = shorter(asked, patience);
    Optional<Duration> given = budget.equals(application.slo()) ? Optional.empty() : Optional.of(budget);
    long askedAt = nanoClock.getAsLong();
    return caller
        .awaits(predicted(new Query(application.name(), input, request.context(), given, target.asked())))
        .handle(
            (prediction, failure) -> {
              ApplicationMeters counted = meters.apply(application.name());
              if (failure != null) {
                Fault fault = Fault.of(failure, "inference for '%s'".formatted(application.name()));
                counted.predicted(Protocol.OIP, outcome(fault), nanoClock.getAsLong() - askedAt);
                throw fault;
              }
              counted.predicted(Protocol.OIP, prediction, nanoClock.getAsLong() - askedAt);
              if (prediction.refused() && application.learning().onOverload().equals("refuse")) {
                throw new Fault(Fault.Kind.UNAVAILABLE, prediction.defaultReason().orElse("no model has room for the query"));
              }
              prediction.models().forEach(model -> model.output().ifPresent(output -> specs.saw(model.model(), output)));
              return new AnsweredRow(prediction.output(), Optional.of(prediction));
            });
  }

  private static Outcome outcome(Fault fault) {
    return switch (fault.kind()) {
      case FAILED -> Outcome.ERROR;
      case CANCELLED -> Outcome.CANCELLED;
      case INVALID, NOT_FOUND, CONFLICT, FORBIDDEN, TAKES_GET, TAKES_POST, TAKES_BOTH, NOT_READ, TOO_LARGE, UNSUPPORTED, UNAVAILABLE, EXPIRED -> Outcome.INVALID;
    };
  }

  private CompletionStage<Prediction> predicted(Query query) {
    try {
      return clipper.predict(query);
    } catch (Refused refused) {
      return CompletableFuture.failedStage(refused);
    }
  }

  private AnsweredRow row(ReplicaRouterActor.Reply reply) {
    return switch (reply) {
      case ReplicaRouterActor.Answered answered -> {
        specs.saw(answered.model(), answered.output());
        if (answered.cached()) {
          cacheHits.accept(answered.model());
        }
        yield new AnsweredRow(answered.output(), Optional.empty());
      }
      case ReplicaRouterActor.Unanswered unanswered ->
          throw new Fault(
              switch (unanswered.reason()) {
                case NO_REPLICA, OVERLOADED, TOO_SLOW -> Fault.Kind.UNAVAILABLE;
                case EXPIRED -> Fault.Kind.EXPIRED;
                case FAILED -> Fault.Kind.FAILED;
              },
              unanswered.message());
    };
  }

  private InferResponse response(Target target, InferRequest request, List<AnsweredRow> rows, boolean batched) {
    OutputRows answers = new OutputRows(target, rows, batched, known(target));
    return new InferResponse(request.model(), target.version(), request.id(), answers.parameters(), answers.outputs(request.outputs()));
  }

  /** Of an application with several models their answers are alike, or it could not combine them: what the first that is known answers. */
  private List<TensorSpec> known(Target target) {
    return switch (target) {
      case Target.OfModel model -> specs.known(model.model().id()).orElse(List.of());
      case Target.OfApplication application ->
          application.model().map(only -> only.id()).flatMap(specs::known).or(() -> knownOfAny(application.application())).orElse(List.of());
    };
  }

  private Optional<List<TensorSpec>> knownOfAny(Application application) {
    return application.models().stream()
        .flatMap(name -> clipper.model(name).stream())
        .flatMap(model -> model.current().map(version -> new ModelId(model.name(), version)).stream())
        .flatMap(id -> specs.known(id).stream())
        .findFirst();
  }

  private static Duration shorter(Duration asked, Optional<Duration> patience) {
    return patience.filter(left -> left.compareTo(asked) < 0).orElse(asked);
  }
}
