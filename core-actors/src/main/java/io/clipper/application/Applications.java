package io.clipper.application;

import io.clipper.Answers;
import io.clipper.Refused;
import io.clipper.Refused.Reason;
import io.clipper.catalog.Application;
import io.clipper.catalog.Catalog;
import io.clipper.catalog.CatalogChange;
import io.clipper.catalog.CatalogView;
import io.clipper.model.Input;
import io.clipper.model.Output;
import io.clipper.storage.StoredText;
import io.clipper.wire.WireSettings;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.apache.pekko.Done;
import org.apache.pekko.NotUsed;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.AskPattern;
import org.apache.pekko.cluster.sharding.typed.ShardingEnvelope;
import org.apache.pekko.pattern.StatusReply;
import org.apache.pekko.stream.javadsl.Flow;

/**
 * The way in, on every node: ask an application, tell it what became of its predictions, change what is served. It keeps each query's
 * deadline itself, so that an answer comes by then whatever happened to the application's loop.
 */
public final class Applications {
  /** Of a context or a feedback id: both are kept with every lesson. */
  private static final int LONGEST_NAME = 256;

  private static final Duration FEEDBACK_TIMEOUT = Duration.ofSeconds(10);

  private final ActorSystem<?> system;
  private final CatalogView catalog;
  private final LoopDirectory loops;
  private final ReplyDesk desk;
  private final ApplicationSettings settings;
  private final WireSettings wire;
  private final LoopMeters meters;
  private final LongSupplier nanoClock;
  private final Function<String, CompletionStage<Void>> sharing;

  /** @param sharing brings an artifact to where the other nodes find it; completes when it is there */
  Applications(
      ActorSystem<?> system,
      CatalogView catalog,
      LoopDirectory loops,
      ReplyDesk desk,
      ApplicationSettings settings,
      WireSettings wire,
      LoopMeters meters,
      LongSupplier nanoClock,
      Function<String, CompletionStage<Void>> sharing) {
    this.system = system;
    this.catalog = catalog;
    this.loops = loops;
    this.desk = desk;
    this.settings = settings;
    this.wire = wire;
    this.meters = meters;
    this.nanoClock = nanoClock;
    this.sharing = sharing;
  }

  /** What is served, as this node knows it; reading it takes no lock. */
  public Catalog catalog() {
    return catalog.current();
  }

  /** The refusal of what this node does not know, as long as it has not heard what there is. */
  public static Refused starting() {
    return new Refused(Reason.UNAVAILABLE, "this node is starting, and has not heard yet what is served: ask it again, or another");
  }

  /** Whether this node has heard what is served; asked before a name is looked up, which means nothing else until then. */
  public boolean knowsCatalog() {
    return catalog.isLoaded();
  }

  /**
   * Asks; completes by the application's objective, or by the query's own budget where it has one, with the default output if need be.
   * Fails with {@link Refused} for a query that is wrong in itself. Whoever cancels its future ({@code toCompletableFuture().cancel(false)})
   * withdraws the query: what is not computed yet is not computed for it.
   */
  public CompletionStage<Prediction> predict(Query query) {
    boolean known = knowsCatalog();
    Application application = catalog.current().applications().get(query.application());
    if (application == null) {
      return CompletableFuture.failedFuture(unknown(query.application(), known));
    }
    try {
      application.signature().check(query.input());
    } catch (IllegalArgumentException wrong) {
      return CompletableFuture.failedFuture(new Refused(Reason.INVALID, String.valueOf(wrong.getMessage())));
    }
    Optional<Refused> wrong = unkept("context", query.context()).or(() -> wire.refusal("the input", query.input().sizeInBytes()));
    if (wrong.isPresent()) {
      return CompletableFuture.failedFuture(wrong.get());
    }
    String entityId = loops.entityId(application, query.context());
    if (!loops.isReachable(entityId)) {
      return CompletableFuture.completedFuture(byDefault(application, Prediction.NO_STATE));
    }
    long deadline = nanoClock.getAsLong() + query.budget().orElse(application.slo()).toNanos();
    ReplyDesk.Slip slip = desk.open(deadline + settings.deadlineGrace().toNanos(), () -> byDefault(application, Prediction.LATE));
    loops.predict(
        entityId,
        replyTo -> new ApplicationActor.Predict(query, deadline, slip.correlation(), replyTo),
        slip);
    return slip.answer();
  }

  /** The same as a message: a {@link Prediction}, or the {@link Refused} that says why there is none. */
  public void predict(Query query, ActorRef<StatusReply<Prediction>> replyTo) {
    predict(query)
        .whenComplete(
            (prediction, failure) -> replyTo.tell(failure == null ? StatusReply.success(prediction) : StatusReply.error(failure)));
  }

  /**
   * Asks for each input in order, at most {@code parallelism} at a time: what comes downstream sets the pace, so that a long stream leaves
   * room for other queries. When the stream ends early, what is on its way is withdrawn.
   */
  public Flow<Input, Prediction, NotUsed> flow(String application, int parallelism) {
    return Flow.fromMaterializer((materializer, attributes) -> withdrawing(application, parallelism)).mapMaterializedValue(started -> NotUsed.getInstance());
  }

  private Flow<Input, Prediction, NotUsed> withdrawing(String application, int parallelism) {
    Map<Long, CompletableFuture<Prediction>> onTheWay = new ConcurrentHashMap<>();
    AtomicLong inputs = new AtomicLong();
    return Flow.of(Input.class)
        .mapAsync(
            parallelism,
            input -> {
              CompletableFuture<Prediction> answer = predict(Query.of(application, input)).toCompletableFuture();
              long number = inputs.incrementAndGet();
              onTheWay.put(number, answer);
              return answer.whenComplete((prediction, failure) -> onTheWay.remove(number));
            })
        .watchTermination(
            (notUsed, ended) -> {
              CompletionStage<Done> unused = ended.whenComplete((done, failure) -> onTheWay.values().forEach(answer -> answer.cancel(false)));
              return notUsed;
            });
  }

  /** Completes when what was learned is durable; fails with {@link Refused} where it was not recorded. */
  public CompletionStage<Feedback.Receipt> observe(Feedback feedback) {
    boolean known = knowsCatalog();
    Application application = catalog.current().applications().get(feedback.application());
    if (application == null) {
      return CompletableFuture.failedFuture(unknown(feedback.application(), known));
    }
    Optional<Refused> wrong =
        unkept("context", feedback.context())
            .or(() -> unkept("feedback_id", feedback.feedbackId()))
            .or(() -> halved(feedback.judgement()))
            .or(() -> wire.refusal("the feedback", sizeInBytes(feedback)));
    if (wrong.isPresent()) {
      return CompletableFuture.failedFuture(wrong.get());
    }
    if (feedback.target() instanceof Feedback.OfQuery ofQuery && !Partitions.exists(application, QueryIds.partitionOf(ofQuery.queryId()))) {
      meters.of(application.name()).unmatched();
      return CompletableFuture.completedFuture(new Feedback.Receipt(ofQuery.queryId(), false, 0));
    }
    String entityId =
        switch (feedback.target()) {
          case Feedback.OfQuery ofQuery -> Partitions.entityId(application.name(), QueryIds.partitionOf(ofQuery.queryId()));
          // Said again elsewhere it must meet the ledger that has it.
          case Feedback.OfInput ofInput -> loops.entityId(application, feedback.context().or(feedback::feedbackId));
        };
    return ask(entityId, replyTo -> new ApplicationActor.Observe(feedback, replyTo));
  }

  /** What the application, or one context of it, has learned. */
  public CompletionStage<LearnedState> state(String name, Optional<String> context) {
    boolean known = knowsCatalog();
    Application application = catalog.current().applications().get(name);
    if (application == null) {
      return CompletableFuture.failedFuture(unknown(name, known));
    }
    Optional<Refused> wrong = unkept("context", context);
    if (wrong.isPresent()) {
      return CompletableFuture.failedFuture(wrong.get());
    }
    return ask(loops.entityId(application, context), replyTo -> new ApplicationActor.GetState(context, replyTo));
  }

  /** Changes what is served; completes when this node serves it so, a new application's loop included. Fails with {@link Refused}. */
  public CompletionStage<Catalog> change(CatalogChange change) {
    // Before the catalog names it: whoever reads there that it is to run a version must find its bytes, whatever becomes of this node.
    CompletionStage<Catalog> changed = shared(change).thenCompose(done -> catalog.change(change));
    return switch (change) {
      case CatalogChange.AddApplication add -> changed.thenCompose(now -> awake(now, add.application().name()));
      case CatalogChange.Deploy deploy ->
          changed.thenCompose(now -> deploy.application().map(added -> awake(now, added.name())).orElse(CompletableFuture.completedStage(now)));
      case CatalogChange.UpdateApplication update -> changed;
      case CatalogChange.DeleteApplication delete -> changed;
      case CatalogChange.LinkModels link -> changed;
      case CatalogChange.UnlinkModels unlink -> changed;
      case CatalogChange.AddModelVersion add -> changed;
      case CatalogChange.SetModelVersion set -> changed;
      case CatalogChange.StartCanary start -> changed;
      case CatalogChange.PromoteCanary promote -> changed;
      case CatalogChange.AbortCanary abort -> changed;
      case CatalogChange.RollBack rollBack -> changed;
      case CatalogChange.DeleteModelVersion delete -> changed;
      case CatalogChange.SetReplicas set -> changed;
    };
  }

  private CompletionStage<Void> shared(CatalogChange change) {
    Optional<String> artifact =
        switch (change) {
          case CatalogChange.Deploy deploy -> deploy.version().artifact();
          case CatalogChange.AddModelVersion add -> add.version().artifact();
          default -> Optional.empty();
        };
    return artifact.map(sharing).orElseGet(() -> CompletableFuture.completedStage(null));
  }

  /** Starts the application's loops if they do not run yet; completes when all serve. */
  CompletionStage<Void> wake(Application application) {
    return CompletableFuture.allOf(
        Partitions.entityIds(application).stream()
            .map(entityId -> askThere(entityId, ApplicationActor.Wake::new).toCompletableFuture())
            .toArray(CompletableFuture<?>[]::new));
  }

  private static Refused unknown(String application, boolean catalogIsKnown) {
    return catalogIsKnown ? new Refused(Reason.NOT_FOUND, "No app with name %s exists.".formatted(application)) : starting();
  }

  /** A context's name is a key in the database: one that cannot be read there would keep others from being read. */
  private static Optional<Refused> unkept(String what, Optional<String> text) {
    return text.flatMap(Applications::fault).map(fault -> new Refused(Reason.INVALID, what + " " + fault));
  }

  private static Optional<String> fault(String name) {
    return name.length() > LONGEST_NAME
        ? Optional.of("has %d characters, at most %d are kept".formatted(name.length(), LONGEST_NAME))
        : StoredText.fault(name).map(fault -> fault + ", which no database keeps");
  }

  /** A label may have whatever UTF-8 has: the journal keeps its bytes. */
  private static Optional<Refused> halved(Feedback.Judgement judgement) {
    return judgement instanceof Feedback.Label said
        ? StoredText.half(said.label()).map(fault -> new Refused(Reason.INVALID, "label " + fault))
        : Optional.empty();
  }

  /** Of what may be large in it. */
  private static long sizeInBytes(Feedback feedback) {
    long input = feedback.target() instanceof Feedback.OfInput ofInput ? ofInput.input().sizeInBytes() : 0;
    long label = feedback.judgement() instanceof Feedback.Label said ? said.label().getBytes(StandardCharsets.UTF_8).length : 0;
    return input + label;
  }

  private CompletionStage<Catalog> awake(Catalog now, String name) {
    return now.application(name).map(added -> wake(added).thenApply(woken -> now)).orElse(CompletableFuture.completedStage(now));
  }

  /** Without any loop's knowledge. */
  private static Prediction byDefault(Application application, String reason) {
    return new Prediction(
        Prediction.NO_QUERY_ID,
        Output.of(application.defaultOutput()),
        Optional.of(reason),
        false,
        OptionalDouble.empty(),
        OptionalDouble.empty(),
        List.of(),
        Optional.empty());
  }

  private <T> CompletionStage<T> ask(
      String entityId, Function<ActorRef<StatusReply<T>>, ApplicationActor.Command> command) {
    if (!loops.isReachable(entityId)) {
      return CompletableFuture.failedFuture(new Refused(Reason.UNAVAILABLE, Prediction.NO_STATE));
    }
    return askThere(entityId, command);
  }

  private <T> CompletionStage<T> askThere(String entityId, Function<ActorRef<StatusReply<T>>, ApplicationActor.Command> command) {
    return Answers.here(
        AskPattern.<ShardingEnvelope<ApplicationActor.Command>, T>askWithStatus(
                loops.sharding(), replyTo -> new ShardingEnvelope<>(entityId, command.apply(replyTo)), FEEDBACK_TIMEOUT, system.scheduler())
            .exceptionallyCompose(failure -> CompletableFuture.failedStage(inWords(failure))));
  }

  /** A loop that is silent, as while it moves, may have done what it was asked, and counts it once however often it is asked. */
  private static Throwable inWords(Throwable failure) {
    Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
    return cause instanceof TimeoutException
        ? new Refused(Reason.UNAVAILABLE, "the application did not answer within %d s; it may be asked again".formatted(FEEDBACK_TIMEOUT.toSeconds()))
        : failure;
  }
}
