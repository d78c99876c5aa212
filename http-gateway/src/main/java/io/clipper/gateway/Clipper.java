package io.clipper.gateway;

import io.clipper.application.Feedback;
import io.clipper.application.LearnedState;
import io.clipper.application.Prediction;
import io.clipper.application.Query;
import io.clipper.catalog.Application;
import io.clipper.catalog.CatalogChange;
import io.clipper.catalog.CatalogHistory;
import io.clipper.catalog.Model;
import io.clipper.catalog.ModelVersion;
import io.clipper.model.Input;
import io.clipper.model.ModelId;
import io.clipper.model.Signature;
import io.clipper.model.runtime.RuntimeSpec;
import io.clipper.replica.BatchTally;
import io.clipper.replica.ReplicaRouterActor;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.stream.javadsl.Source;
import org.apache.pekko.util.ByteString;

/**
 * What the edge asks of the core. What is in the catalog is read from the node's own copy of the catalog without a lock; every stage fails with
 * {@link io.clipper.Refused} where what is asked cannot be done.
 */
public interface Clipper {
  /** What the Open Inference Protocol's clients put behind a model's name to ask it past every application: no other name ends so. */
  String ASKED_DIRECTLY = "@model";

  /**
   * Whether the node has heard what is served. Until then what it does not know may be there all the same, and is refused by
   * {@link io.clipper.application.Applications#starting()}. Asked before something is looked up.
   */
  boolean knowsCatalog();

  Optional<Application> application(String name);

  /** In the order of their names. */
  List<Application> applications();

  Optional<Model> model(String name);

  /** In the order of their names. */
  List<Model> models();

  CompletionStage<Prediction> predict(Query query);

  /** One version of a model, past every application: nothing is chosen, combined or learned. Complete by the end of the budget. */
  CompletionStage<ReplicaRouterActor.Reply> ask(ModelId model, Input input, Duration budget);

  /** Complete once what was learned is durable. */
  CompletionStage<Feedback.Receipt> observe(Feedback feedback);

  CompletionStage<LearnedState> state(String application, Optional<String> context);

  /** Complete once the change is durable and this node's copy of the catalog shows it. */
  CompletionStage<Void> change(CatalogChange change);

  /** The latest changes of the catalog, oldest first; at most so many. */
  CompletionStage<List<CatalogHistory.Entry>> changes(int most);

  /** Keeps the bytes of an artifact, which fail where they stall; its SHA-256 in lower-case hexadecimal. */
  CompletionStage<String> store(Source<ByteString, ?> artifact);

  /** Keeps the folder that a ZIP archive holds, whose files may have that many bytes together; its SHA-256. */
  CompletionStage<String> storeArchive(Source<ByteString, ?> archive, long mostBytes);

  /** Lets go of an artifact that no version names. */
  CompletionStage<Void> discard(String artifact);

  /** What each model in a process that is being started here waits for, in a line. */
  Map<ModelId, String> starting();

  /** The name of this node's machine; empty where the node runs no models. */
  Optional<String> machine();

  /** What a version takes, by a copy of it that runs for a moment. */
  CompletionStage<Signature> inspect(ModelId model, RuntimeSpec runtime, Optional<String> artifact);

  /** Complete once the version takes queries, or cannot. */
  CompletionStage<DeployOutcome> whenWarm(ModelId model);

  /** This node uses a worker that was started elsewhere as a copy of that version, which is announced by name; complete with its state, a word. */
  CompletionStage<String> announce(ModelVersion version, String url);

  /** That worker takes nothing new. */
  void leave(ModelId version, String url);

  /** Of all nodes, in the order of models and numbers. */
  CompletionStage<List<ReplicaView>> replicas();

  /** Of a version's copies on this node since it started, the smallest size first. */
  List<BatchTally> batches(ModelId model);

  /** On all nodes. */
  CompletionStage<Void> clearCache();

  ClusterView cluster();

  /** Told of an answer to a query how many nanoseconds it waited, once it was there, until its connection took it up. */
  void answerWaited(long nanos);

  /** Whether this process can still do its work; false asks whoever watches it to start another. */
  boolean live();

  Readiness ready();
}
