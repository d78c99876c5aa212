package io.clipper.wire;

import io.clipper.Refused;
import io.clipper.ReplyTo;
import io.clipper.application.ApplicationActor;
import io.clipper.application.Feedback;
import io.clipper.application.Learned;
import io.clipper.application.LearnedState;
import io.clipper.application.Prediction;
import io.clipper.application.Query;
import io.clipper.artifact.ArtifactActor;
import io.clipper.bulletin.BulletinActor;
import io.clipper.cache.CacheCleared;
import io.clipper.catalog.Application;
import io.clipper.catalog.Catalog;
import io.clipper.catalog.CatalogActor;
import io.clipper.catalog.CatalogChange;
import io.clipper.catalog.CatalogRevision;
import io.clipper.catalog.CertaintySettings;
import io.clipper.catalog.LearningSettings;
import io.clipper.catalog.Model;
import io.clipper.catalog.ModelVersion;
import io.clipper.certainty.Certainty;
import io.clipper.change.Changed;
import io.clipper.membership.LeaseDesk;
import io.clipper.model.ClassProbabilities;
import io.clipper.model.Datatype;
import io.clipper.model.Input;
import io.clipper.model.ModelId;
import io.clipper.model.NamedTensor;
import io.clipper.model.Output;
import io.clipper.model.Signature;
import io.clipper.model.Tensor;
import io.clipper.model.TensorSpec;
import io.clipper.model.runtime.RuntimeSpec;
import io.clipper.model.runtime.WorkerOptions;
import io.clipper.replica.Leaving;
import io.clipper.replica.ModelReplicaActor;
import io.clipper.replica.Placed;
import io.clipper.replica.Placement;
import io.clipper.replica.ReplicaStatus;
import io.clipper.replica.Running;
import io.clipper.selection.Features;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.Set;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorRefResolver;

/** One example of everything that has a form, each field filled with something that no other field has, by a name for the golden file. */
final class Messages {
  /** On the clock of the serializer under test, which stands still. */
  static final long NOW = 7_000_000_000L;

  private static final ModelId MODEL = new ModelId("résumé", "2");
  private static final Tensor MATRIX = Tensor.ofDoubles(1, -2.5, Double.MIN_VALUE, 4).reshaped(2, 2);
  private static final Input INPUT =
      new Input(List.of(new NamedTensor("pixels", MATRIX), new NamedTensor("words", Tensor.ofStrings("a", "", "ß"))));
  private static final Output OUTPUT =
      new Output(
          List.of(new NamedTensor("label", Tensor.ofLongs(7).reshaped())),
          Optional.of(new ClassProbabilities(List.of("7", "1"), new double[] {0.75, 0.25})));
  private static final LearningSettings LEARNING =
      new LearningSettings(
          Optional.of("exp4"), Map.of("eta", 0.3), Optional.of("weighted-vote"), Map.of("forgetting", 0.9), "squared", Optional.of("probability"),
          Optional.of(0.6), 0.01, "refuse", "every-node", 0.1, 0.9, 0.4, 5, new CertaintySettings(Optional.of(0.9), "platt", "adwin"));
  private static final Signature SIGNATURE = new Signature(List.of(new TensorSpec("x", Datatype.FP32, List.of(-1L, 28L))));
  private static final Application APPLICATION =
      new Application("digits", SIGNATURE, Duration.ofMillis(20), "\"none\"", LEARNING, List.of("a", "b"));
  private static final ModelVersion VERSION =
      new ModelVersion(
          MODEL, SIGNATURE, new RuntimeSpec.PlugIn("no-op", Map.of("sleep", "1ms")), Optional.of("0a".repeat(32)), List.of("canary"), "sklearn",
          "/models/2", 8, false);

  private Messages() {}

  static Map<String, Object> all(ActorRefResolver actors) {
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("refused", new Refused(Refused.Reason.CONFLICT, "it is there"));
    all.put("refused-too-large", new Refused(Refused.Reason.TOO_LARGE, "too large"));
    all.put(
        "application-predict",
        new ApplicationActor.Predict(
            new Query("digits", INPUT, Optional.of("user"), Optional.of(Duration.ofMillis(30)), Optional.of("2"), Features.of(0.5, -1)),
            NOW + 25_000_000,
            -3,
            new ReplyTo.There<>(someone(actors))));
    all.put("observe-label", observe(new Feedback.OfQuery(1L << 40), new Feedback.Label("seven"), actors));
    all.put("observe-reward", observe(new Feedback.OfInput(INPUT), new Feedback.Reward(0.5), actors));
    all.put("observe-loss", observe(new Feedback.OfQuery(5), new Feedback.Loss(0.125), actors));
    all.put("get-state", new ApplicationActor.GetState(Optional.of("user"), someone(actors)));
    all.put("wake", new ApplicationActor.Wake(someone(actors)));
    all.put("withdraw", new ApplicationActor.Withdraw(5, new ReplyTo.There<>(someone(actors))));
    all.put("application-predicted", new ApplicationActor.Predicted(-3, prediction(), OptionalLong.of(7_000)));
    all.put("application-predicted-untold", new ApplicationActor.Predicted(-3, prediction(), OptionalLong.empty()));
    all.put("not-served", new ApplicationActor.NotServed(4, Refused.Reason.NOT_FOUND, "no such application"));
    all.put("not-served-too-large", new ApplicationActor.NotServed(4, Refused.Reason.TOO_LARGE, "too large"));
    all.put("receipt", new Feedback.Receipt(-1, true, 3));
    all.put("prediction", prediction());
    all.put(
        "learned-state",
        new LearnedState(
            "exp4",
            12,
            List.of(
                new LearnedState.CandidateState(MODEL, 0.7, 9, OptionalDouble.of(0.2)),
                new LearnedState.CandidateState(new ModelId("b", "1"), 0.3, 0, OptionalDouble.empty())),
            Optional.of(
                new LearnedState.Assured(OptionalDouble.of(0.9), OptionalDouble.of(0.91), 0.8, 0.95, OptionalDouble.of(1.5), 6, 33, OptionalDouble.empty())),
            List.of(new Changed.Worsened(MODEL, 0.1, 0.3, 64), new Changed.DataDrift(0.2, 0.4, 96)),
            List.of(new LearnedState.PartitionState(3, "10.0.0.5:25520", 12))));
    all.put("prediction-interval", prediction(new Certainty.PredictionInterval(-1.5, Double.POSITIVE_INFINITY, true)));
    all.put("replica-predict", new ModelReplicaActor.Predict(6, INPUT, NOW + 1_500_000, someone(actors)));
    all.put("replica-predict-alone", new ModelReplicaActor.PredictAlone(6, INPUT, NOW + 1_500_000, someone(actors)));
    all.put("postpone", new ModelReplicaActor.Postpone(6, NOW + 2_500_000, someone(actors)));
    all.put("cancel", new ModelReplicaActor.Cancel(6, someone(actors)));
    all.put("replica-predicted", new ModelReplicaActor.Predicted(6, OUTPUT, OptionalLong.of(2_000_000)));
    all.put("not-predicted", new ModelReplicaActor.NotPredicted(6, ModelReplicaActor.Reason.OVERLOADED, "full"));
    all.put("not-predicted-too-slow", new ModelReplicaActor.NotPredicted(8, ModelReplicaActor.Reason.TOO_SLOW, "slow"));
    all.put("not-predicted-unreturned", new ModelReplicaActor.NotPredicted(9, ModelReplicaActor.Reason.UNRETURNED, "hung"));
    all.put("not-predicted-blocked", new ModelReplicaActor.NotPredicted(10, ModelReplicaActor.Reason.BLOCKED, "hung"));
    addCatalog(all, actors);
    addCluster(all, actors);
    return all;
  }

  private static void addCatalog(Map<String, Object> all, ActorRefResolver actors) {
    all.put("change", new CatalogActor.Change(new CatalogChange.SetReplicas("m", 3), someone(actors)));
    all.put("subscribe", new CatalogActor.Subscribe(-1, someone(actors)));
    all.put("published", new CatalogActor.Published(catalog(), someone(actors)));
    all.put("unchanged", new CatalogActor.Unchanged(someone(actors)));
    all.put("add-application", new CatalogChange.AddApplication(APPLICATION));
    all.put(
        "update-application",
        new CatalogChange.UpdateApplication("digits", Optional.of(Duration.ofMillis(5)), Optional.of("0"), Optional.of(LearningSettings.DEFAULT)));
    all.put("delete-application", new CatalogChange.DeleteApplication("digits"));
    all.put("link-models", new CatalogChange.LinkModels("digits", List.of("a", "b")));
    all.put("unlink-models", new CatalogChange.UnlinkModels("digits", List.of("a")));
    all.put("add-model-version", new CatalogChange.AddModelVersion(VERSION, Optional.of(2)));
    all.put("deploy", new CatalogChange.Deploy(VERSION, Optional.empty(), Optional.of(APPLICATION)));
    all.put("deploy-canary", new CatalogChange.Deploy(VERSION, Optional.of(2), Optional.empty(), Optional.of(10)));
    all.put("start-canary", new CatalogChange.StartCanary("m", "3", 10));
    all.put("promote-canary", new CatalogChange.PromoteCanary("m", Optional.of("3")));
    all.put("abort-canary", new CatalogChange.AbortCanary("m"));
    all.put("set-model-version", new CatalogChange.SetModelVersion("m", "3"));
    all.put("roll-back", new CatalogChange.RollBack("m"));
    all.put("delete-model-version", new CatalogChange.DeleteModelVersion("m", "1"));
    all.put("set-replicas", new CatalogChange.SetReplicas("m", 3));
    all.put("onnx", new RuntimeSpec.Onnx());
    all.put("onnx-on-gpu", new RuntimeSpec.Onnx(Optional.of("cuda:1")));
    all.put("plug-in", new RuntimeSpec.PlugIn("no-op", Map.of("sleep", "1ms")));
    all.put("announced", new RuntimeSpec.Announced());
    WorkerOptions worker = new WorkerOptions(Map.of("MODE", "fast"), Optional.of(2), Optional.of(1L << 30));
    all.put("python", new RuntimeSpec.Python("model.py:predict", Optional.of("doubles"), Optional.of("/usr/bin/python3"), worker, Optional.of("lab-7")));
    all.put("isolated", new RuntimeSpec.Isolated(new RuntimeSpec.Onnx(), WorkerOptions.DEFAULT));
    all.put(
        "command",
        new RuntimeSpec.Command(
            List.of("serve", "{port}"), Optional.of("/srv"), "digits", "3", Optional.of("floats"), true, worker, Optional.of("lab-7")));
    all.put("endpoint", new RuntimeSpec.Endpoint("grpc://models:8001", "digits", "3", Optional.of("floats"), true));
    all.put("told", new BulletinActor.Told(someone(actors), "catalog", 5, new CatalogRevision(17)));
    all.put("revisions", new BulletinActor.Revisions(someone(actors), Map.of("catalog", 5L)));
    all.put("pull", new BulletinActor.Pull("catalog", someone(actors)));
    all.put("hello", new BulletinActor.Hello(someone(actors)));
    all.put("catalog-revision", new CatalogRevision(17));
  }

  private static void addCluster(Map<String, Object> all, ActorRefResolver actors) {
    ReplicaStatus ready = new ReplicaStatus(MODEL, 1, ReplicaStatus.State.READY, 2, Optional.of("it stopped"), 3, 64, Optional.of("it batches by itself"));
    ReplicaStatus loading = new ReplicaStatus(MODEL, 0, ReplicaStatus.State.LOADING, 0, Optional.empty(), 0, 0, Optional.empty());
    all.put(
        "running",
        new Running(List.of(new Running.Copy(ready, Optional.of(someone(actors))), new Running.Copy(loading, Optional.empty()))));
    all.put("placed", new Placed(new Placement(Set.of("10.0.0.5:25520"), Map.of("résumé:2#1", "10.0.0.5:25520"))));
    all.put("cache-cleared", new CacheCleared(3));
    all.put("leaving", new Leaving());
    all.put("learned", new Learned(ByteBuffer.wrap(new byte[] {4, -5})));
    all.put("take-lease", new LeaseDesk.Take("10.0.0.5:25520", someone(actors)));
    all.put("release-lease", new LeaseDesk.Release("10.0.0.5:25520", someone(actors)));
    all.put("lease-taken", new LeaseDesk.Taken(true));
    all.put("describe-artifact", new ArtifactActor.Describe("0a".repeat(32), someone(actors)));
    all.put("read-artifact", new ArtifactActor.Read("0a".repeat(32), "model.py", 1L << 33, someone(actors)));
    all.put(
        "artifact-described", new ArtifactActor.Described(List.of(new ArtifactActor.FileEntry("", 5), new ArtifactActor.FileEntry("a/b", 1L << 33))));
    all.put("artifact-block", new ArtifactActor.Block(ByteBuffer.wrap(new byte[] {1, -2, 3})));
    all.put("keep-artifact", new ArtifactActor.Keep("0a".repeat(32), someone(actors), someone(actors)));
    all.put("artifact-kept", new ArtifactActor.Kept(Optional.empty()));
    all.put("artifact-not-kept", new ArtifactActor.Kept(Optional.of(new Refused(Refused.Reason.UNAVAILABLE, "no room"))));
    Signature masked = new Signature(List.of(SIGNATURE.tensors().getFirst(), new TensorSpec("mask", Datatype.BYTES, List.of(2L), true)));
    all.put(
        "add-application-of-optional-tensors",
        new CatalogChange.AddApplication(new Application("digits", masked, Duration.ofMillis(20), "0", LearningSettings.DEFAULT, List.of())));
  }

  private static Catalog catalog() {
    Model model = new Model("résumé", Map.of("2", VERSION), Optional.of("2"), List.of(), 4);
    return new Catalog(17, Map.of("digits", APPLICATION), Map.of("résumé", model), Optional.of(Map.of("version résumé:2", 12L)));
  }

  private static Prediction prediction() {
    return prediction(new Certainty.PredictionSet(List.of("7", "1"), false, true));
  }

  private static Prediction prediction(Certainty certainty) {
    return new Prediction(
        9_007_199_254_740_991L,
        OUTPUT,
        Optional.of(Prediction.LATE),
        true,
        OptionalDouble.of(0.5),
        OptionalDouble.empty(),
        List.of(new Prediction.ModelAnswer(MODEL, Optional.of(OUTPUT), 0.25, true, false)),
        Optional.of(Output.of("withheld")),
        Optional.of(certainty),
        true);
  }

  private static ApplicationActor.Observe observe(Feedback.Target target, Feedback.Judgement judgement, ActorRefResolver actors) {
    return new ApplicationActor.Observe(
        new Feedback("digits", target, judgement, Optional.of("user"), Optional.of("feedback 1")), someone(actors));
  }

  /** On a node that the test does not have, so that its bytes are the same everywhere. */
  private static <T> ActorRef<T> someone(ActorRefResolver actors) {
    return actors.resolveActorRef("pekko://clipper@10.0.0.5:25520/system/someone#42");
  }
}
