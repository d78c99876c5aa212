package io.clipper.node;

import io.clipper.Aside;
import io.clipper.application.Feedback;
import io.clipper.application.LearnedState;
import io.clipper.application.Prediction;
import io.clipper.application.Query;
import io.clipper.application.ServingNode;
import io.clipper.catalog.Application;
import io.clipper.catalog.CatalogChange;
import io.clipper.catalog.CatalogHistory;
import io.clipper.catalog.Model;
import io.clipper.catalog.ModelVersion;
import io.clipper.gateway.Clipper;
import io.clipper.gateway.ClusterView;
import io.clipper.gateway.DeployOutcome;
import io.clipper.gateway.Readiness;
import io.clipper.gateway.ReplicaView;
import io.clipper.membership.NodeRoles;
import io.clipper.membership.Peer;
import io.clipper.model.Input;
import io.clipper.model.ModelId;
import io.clipper.model.Signature;
import io.clipper.model.runtime.RuntimeSpec;
import io.clipper.replica.Announcement;
import io.clipper.replica.BatchTally;
import io.clipper.replica.ReplicaRouterActor;
import io.clipper.replica.ReplicaStatus;
import io.clipper.replica.WantedReplicas;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.cluster.Member;
import org.apache.pekko.cluster.typed.Cluster;
import org.apache.pekko.stream.javadsl.Source;
import org.apache.pekko.stream.javadsl.StreamConverters;
import org.apache.pekko.util.ByteString;

/** The gateway's view of the node it runs in. */
final class LocalClipper implements Clipper {
  private enum Phase {
    STARTING,
    SERVING,
    STOPPING
  }

  private static final Readiness STOPPING = new Readiness.NotReady("stopping: accepted queries are answered, new ones belong elsewhere");
  private static final Readiness WITHOUT_STATE =
      new Readiness.NotReady("no node that keeps the applications' state is in reach: queries get their default output");

  /** Of a copy that none may run. */
  private static final String NO_NODE = "none";

  /** The gateway ends a body that stalls, and says so; a reader with a clock of its own would be first, and say less. */
  private static final Duration LONGER_THAN_ANY_PAUSE = Duration.ofDays(1);

  private final ActorSystem<?> system;
  private final ServingNode node;
  private final Optional<CatalogHistory> history;
  private volatile Phase phase = Phase.STARTING;

  LocalClipper(ActorSystem<?> system, ServingNode node) {
    this.system = system;
    this.node = node;
    this.history = keepsState() ? Optional.of(CatalogHistory.of(system)) : Optional.empty();
  }

  void serves() {
    phase = Phase.SERVING;
  }

  void drains() {
    phase = Phase.STOPPING;
  }

  /** What the node's start waits for now, in words. */
  String waitsFor() {
    return StartStep.words(node.members(), node.applications().knowsCatalog(), node.unsettled(), node.starting());
  }

  @Override
  public boolean knowsCatalog() {
    return node.applications().knowsCatalog();
  }

  @Override
  public Optional<Application> application(String name) {
    return Optional.ofNullable(node.applications().catalog().applications().get(name));
  }

  @Override
  public List<Application> applications() {
    return node.applications().catalog().applications().values().stream().sorted(Comparator.comparing(Application::name)).toList();
  }

  @Override
  public Optional<Model> model(String name) {
    return node.applications().catalog().model(name);
  }

  @Override
  public List<Model> models() {
    return node.applications().catalog().models().values().stream().sorted(Comparator.comparing(Model::name)).toList();
  }

  @Override
  public CompletionStage<Prediction> predict(Query query) {
    return node.applications().predict(query);
  }

  @Override
  public CompletionStage<ReplicaRouterActor.Reply> ask(ModelId model, Input input, Duration budget) {
    return node.models().ask(model, input, budget);
  }

  @Override
  public CompletionStage<Feedback.Receipt> observe(Feedback feedback) {
    return node.applications().observe(feedback);
  }

  @Override
  public CompletionStage<LearnedState> state(String application, Optional<String> context) {
    return node.applications().state(application, context);
  }

  @Override
  public CompletionStage<Void> change(CatalogChange change) {
    return node.applications().change(change).thenAccept(changed -> {});
  }

  @Override
  public CompletionStage<List<CatalogHistory.Entry>> changes(int most) {
    return history
        .map(kept -> kept.upTo(node.applications().catalog().revision(), most))
        .orElseGet(() -> CompletableFuture.completedStage(List.of()));
  }

  @Override
  public CompletionStage<String> store(Source<ByteString, ?> artifact) {
    return stored(artifact, node.artifacts()::store);
  }

  @Override
  public CompletionStage<String> storeArchive(Source<ByteString, ?> archive, long mostBytes) {
    return stored(archive, bytes -> node.artifacts().storeArchive(bytes, mostBytes));
  }

  /** It blocks for as long as the client sends. */
  private CompletionStage<String> stored(Source<ByteString, ?> artifact, Function<InputStream, String> storing) {
    InputStream bytes = artifact.runWith(StreamConverters.asInputStream(LONGER_THAN_ANY_PAUSE), system);
    return CompletableFuture.supplyAsync(
        () -> {
          try (bytes) {
            return storing.apply(bytes);
          } catch (IOException broken) {
            throw new UncheckedIOException("the artifact did not arrive whole", broken);
          }
        },
        Aside.THREADS);
  }

  @Override
  public CompletionStage<Void> discard(String artifact) {
    return CompletableFuture.runAsync(() -> node.artifacts().remove(artifact), Aside.THREADS);
  }

  @Override
  public Map<ModelId, String> starting() {
    return node.starting();
  }

  @Override
  public CompletionStage<Signature> inspect(ModelId model, RuntimeSpec runtime, Optional<String> artifact) {
    return node.inspect(model, runtime, artifact);
  }

  @Override
  public Optional<String> machine() {
    NodeRoles roles = NodeRoles.of(system);
    return roles.runsReplicas() ? roles.machine() : Optional.empty();
  }

  @Override
  public CompletionStage<DeployOutcome> whenWarm(ModelId model) {
    return node.replicas()
        .whenSettled(model)
        .thenApply(
            status ->
                status.state() == ReplicaStatus.State.READY
                    ? new DeployOutcome.Warm(status.remark())
                    : new DeployOutcome.Failed(status.lastError().orElse("it cannot be loaded")));
  }

  @Override
  public CompletionStage<String> announce(ModelVersion version, String url) {
    Duration objective = WantedReplicas.objective(version.id().name(), node.applications().catalog().applications().values());
    return node.replicas().announce(new Announcement(version, url, objective)).thenApply(status -> word(status.state()));
  }

  @Override
  public void leave(ModelId version, String url) {
    node.replicas().leave(version, url);
  }

  @Override
  public CompletionStage<List<ReplicaView>> replicas() {
    String self = self();
    return node.replicas()
        .statuses()
        .thenApply(
            here ->
                Stream.of(
                        here.stream().map(status -> view(status, self)),
                        node.replicas().elsewhere().entrySet().stream()
                            .flatMap(other -> other.getValue().stream().map(status -> view(status, other.getKey()))),
                        node.replicas().nowhere().stream().map(status -> view(status, NO_NODE)))
                    .flatMap(copies -> copies)
                    .sorted(Comparator.comparing(ReplicaView::model).thenComparing(ReplicaView::number).thenComparing(ReplicaView::node))
                    .toList());
  }

  @Override
  public List<BatchTally> batches(ModelId model) {
    return node.batches(model);
  }

  @Override
  public CompletionStage<Void> clearCache() {
    node.clearCaches();
    return CompletableFuture.completedFuture(null);
  }

  @Override
  public ClusterView cluster() {
    List<Member> members = StreamSupport.stream(Cluster.get(system).state().getMembers().spliterator(), false).toList();
    return new ClusterView(
        self(), shape(members), node.applications().catalog().revision(), members.stream().map(LocalClipper::view).toList());
  }

  @Override
  public void answerWaited(long nanos) {
    node.answerLead().handedOver(nanos);
  }

  @Override
  public boolean live() {
    return !system.getWhenTerminated().toCompletableFuture().isDone();
  }

  @Override
  public Readiness ready() {
    return switch (phase) {
      case STARTING -> new Readiness.NotReady("starting: waits for " + waitsFor());
      case SERVING -> keepsState() || node.members().hasState() ? new Readiness.Ready() : WITHOUT_STATE;
      case STOPPING -> STOPPING;
    };
  }

  private boolean keepsState() {
    return NodeRoles.of(system).keepsState();
  }

  /** By what the members say that keep state, also those out of reach; several can only do so in one database. */
  private static String shape(List<Member> members) {
    boolean said = members.stream().anyMatch(member -> member.hasRole(NodeRoles.SHARED_DATABASE));
    long keepState = members.stream().filter(member -> member.hasRole(NodeRoles.APPLICATION)).count();
    return said || keepState > 1 ? "shared database" : "one state node";
  }

  private String self() {
    return Peer.nameOf(Cluster.get(system).selfMember().address());
  }

  private static ReplicaView view(ReplicaStatus status, String node) {
    return new ReplicaView(
        status.model(),
        status.replica(),
        node,
        word(status.state()),
        status.restarts(),
        status.lastError(),
        status.lastFailure(),
        status.queued(),
        status.batchLimit(),
        status.remark());
  }

  private static String word(ReplicaStatus.State state) {
    return state.name().toLowerCase(Locale.ROOT);
  }

  private static ClusterView.Member view(Member member) {
    return new ClusterView.Member(Peer.nameOf(member.address()), member.status().toString(), Peer.rolesOf(member.getRoles()));
  }
}
