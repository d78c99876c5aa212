package io.clipper.application;

import com.typesafe.config.ConfigFactory;
import io.clipper.Refused;
import io.clipper.ReplyTo;
import io.clipper.cache.CacheSettings;
import io.clipper.cache.PredictionCache;
import io.clipper.catalog.Application;
import io.clipper.catalog.Catalog;
import io.clipper.catalog.LearningSettings;
import io.clipper.catalog.Model;
import io.clipper.catalog.ModelVersion;
import io.clipper.context.ContextSettings;
import io.clipper.context.ContextStore;
import io.clipper.feedback.PredictionLog;
import io.clipper.feedback.PredictionLogSettings;
import io.clipper.model.Input;
import io.clipper.model.InputType;
import io.clipper.model.ModelId;
import io.clipper.model.Output;
import io.clipper.model.runtime.RuntimeSpec;
import io.clipper.replica.ReplicaRouterActor;
import io.clipper.selection.Features;
import io.clipper.storage.Database;
import io.clipper.storage.Storage;
import io.clipper.storage.TestDatabase;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.pattern.StatusReply;

/** A loop on a database, with models that always say the same. One life of a node: its end is not told to the loop. */
final class LoopOnADatabase implements AutoCloseable {
  static final List<ModelId> MODELS = List.of(new ModelId("a", "1"), new ModelId("b", "1"));
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private final ActorTestKit kit;
  private final Database database;
  private final ContextStore contexts;
  private final PredictionLog log;
  private final DeadlineClock deadlines = new DeadlineClock(System::nanoTime);
  private final TestProbe<ApplicationActor.Reply> client;
  private final TestProbe<StatusReply<Feedback.Receipt>> feedbackClient;
  private final TestProbe<StatusReply<LearnedState>> stateClient;
  private final HeardLedgers heard;
  private final ServingParts parts;
  private final Map<Integer, ActorRef<ApplicationActor.Command>> loops = new HashMap<>();
  private ActorRef<ApplicationActor.Command> loop;

  LoopOnADatabase(String url, ContextSettings kept, LearningSettings learning) {
    this(ActorTestKit.create(TestDatabase.config(url).withFallback(ConfigFactory.load())), kept, learning);
  }

  LoopOnADatabase(ActorTestKit kit, ContextSettings kept, LearningSettings learning) {
    this(kit, kept, learning, Duration.ofSeconds(30));
  }

  /** @param ledgerTimeout after which feedback is refused that the ledger has not answered */
  LoopOnADatabase(ActorTestKit kit, ContextSettings kept, LearningSettings learning, Duration ledgerTimeout) {
    this.kit = kit;
    database = Storage.open(kit.system().settings().config());
    contexts = ContextStore.open(database);
    log =
        PredictionLog.open(
            database, new PredictionLogSettings(1 << 20, 1 << 20, 1 << 20, Duration.ofMillis(1), Duration.ofHours(1), 1 << 20), 1024, InstantSource.system());
    client = kit.createTestProbe();
    feedbackClient = kit.createTestProbe();
    stateClient = kit.createTestProbe();
    ActorRef<ReplicaRouterActor.Command> models = kit.spawn(Behaviors.receiveMessage(LoopOnADatabase::answer));
    PredictionCache cache = new PredictionCache(new CacheSettings(1 << 20, Optional.empty()), System::nanoTime);
    ApplicationSettings settings =
        new ApplicationSettings(
            Duration.ofMillis(1), Duration.ofMillis(2), Duration.ofSeconds(5), Duration.ofSeconds(5), ledgerTimeout, Duration.ofSeconds(30), 20);
    Catalog catalog = catalog(learning);
    Set<ModelId> ready = Set.copyOf(MODELS);
    LoopsHere here = new LoopsHere();
    heard = new HeardLedgers(here);
    parts =
        new ServingParts(
            () -> catalog,
            cache,
            model -> models,
            () -> ready,
            deadlines,
            Optional.of(log),
            Optional.of(contexts),
            kept,
            (entity, ledger) -> heard.put(entity, "node", ledger.withoutHistory()),
            settings,
            new AnswerLead(settings.answerLead()),
            () -> new Random(1),
            System::nanoTime,
            here,
            heard,
            new LoopMeters(new SimpleMeterRegistry()),
            "node");
    loop = loopOf(0);
  }

  /** Whom all is asked from here on; starts it where it does not run. */
  void ask(int partition) {
    loop = loopOf(partition);
  }

  HeardLedgers heard() {
    return heard;
  }

  Prediction predict() {
    return predict(Optional.empty());
  }

  Prediction predict(String context) {
    return predict(Optional.of(context));
  }

  private Prediction predict(Optional<String> context) {
    Query query = new Query("shop", Input.doubles(1, 2), context, Optional.empty(), Optional.empty(), Features.NONE);
    loop.tell(new ApplicationActor.Predict(query, System.nanoTime() + PATIENCE.toNanos(), 1, new ReplyTo.There<>(client.getRef())));
    return ((ApplicationActor.Predicted) client.receiveMessage(PATIENCE)).prediction();
  }

  StatusReply<Feedback.Receipt> label(Prediction prediction, String label) {
    Feedback feedback =
        new Feedback("shop", new Feedback.OfQuery(prediction.queryId()), new Feedback.Label(label), Optional.empty(), Optional.empty());
    loop.tell(new ApplicationActor.Observe(feedback, feedbackClient.getRef()));
    return feedbackClient.receiveMessage(PATIENCE);
  }

  LearnedState state(String context) {
    return state(Optional.of(context));
  }

  LearnedState state() {
    return state(Optional.empty());
  }

  /** Asks again while the loop refuses: it waits for a context's row for two seconds, which may be too few. */
  private LearnedState state(Optional<String> context) {
    long giveUpAt = System.nanoTime() + PATIENCE.toNanos();
    StatusReply<LearnedState> reply = stateReply(context);
    while (reply.isError() && isUnavailable(reply.getError()) && System.nanoTime() < giveUpAt) {
      reply = stateReply(context);
    }
    return reply.getValue();
  }

  private StatusReply<LearnedState> stateReply(Optional<String> context) {
    loop.tell(new ApplicationActor.GetState(context, stateClient.getRef()));
    return stateClient.receiveMessage(PATIENCE);
  }

  private static boolean isUnavailable(Throwable error) {
    return error instanceof Refused refused && refused.reason() == Refused.Reason.UNAVAILABLE;
  }

  private ActorRef<ApplicationActor.Command> loopOf(int partition) {
    return loops.computeIfAbsent(partition, each -> kit.spawn(ApplicationActor.create(parts, "shop", each)));
  }

  @Override
  public void close() {
    kit.shutdownTestKit();
    log.close();
    contexts.close();
    deadlines.close();
    database.close();
  }

  private static Behavior<ReplicaRouterActor.Command> answer(ReplicaRouterActor.Command command) {
    if (command instanceof ReplicaRouterActor.Ask ask) {
      ask.replyTo().tell(new ReplicaRouterActor.Answered(ask.correlation(), MODELS.getFirst(), Output.of("1")));
      ask.replyTo().tell(new ReplicaRouterActor.Answered(ask.correlation(), MODELS.getLast(), Output.of("2")));
    }
    return Behaviors.same();
  }

  private static Catalog catalog(LearningSettings learning) {
    Map<String, Model> models = new LinkedHashMap<>();
    List<String> links = new ArrayList<>();
    for (ModelId id : MODELS) {
      ModelVersion version = ModelVersion.of(id, InputType.DOUBLES.signature(), new RuntimeSpec.Announced(), Optional.empty());
      models.put(id.name(), new Model(id.name(), Map.of(id.version(), version), Optional.of(id.version()), List.of(), 1));
      links.add(id.name());
    }
    Application shop = new Application("shop", InputType.DOUBLES.signature(), Duration.ofSeconds(20), "-1", learning, links);
    return new Catalog(1, Map.of("shop", shop), models, Optional.of(Map.of("application shop", 7L)));
  }
}
