package io.clipper.replica;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import io.clipper.bulletin.BulletinActor;
import io.clipper.bulletin.BulletinActor.News;
import io.clipper.bulletin.Value;
import io.clipper.catalog.Catalog;
import io.clipper.catalog.CatalogChanged;
import io.clipper.catalog.Model;
import io.clipper.catalog.ModelVersion;
import io.clipper.membership.Members;
import io.clipper.membership.MembersActor;
import io.clipper.membership.NodeRoles;
import io.clipper.membership.Peer;
import io.clipper.model.ModelId;
import io.clipper.model.Signature;
import io.clipper.model.runtime.RuntimeSpec;
import io.clipper.model.runtime.WorkerOptions;
import io.clipper.replica.ReplicaHostActor.Want;
import io.clipper.replica.ReplicaStatus.State;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorRefResolver;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** From the node that is called {@link #SELF}; the others' bulletins are named and never told anything. */
class PlacementActorTest {
  private static final ActorTestKit KIT =
      ActorTestKit.create(
          ConfigFactory.parseString(
                  """
                  pekko.actor.provider = cluster
                  pekko.remote.artery.canonical { hostname = "127.0.0.1", port = 0 }
                  """)
              .withFallback(ConfigFactory.parseResources("clipper-node.conf"))
              .withFallback(ConfigFactory.load()));
  private static final String SELF = "10.0.0.1:25520";
  private static final String B = "10.0.0.2:25520";
  private static final String C = "10.0.0.3:25520";
  private static final ModelId MODEL = new ModelId("m", "1");
  private static final CopyId FIRST = new CopyId(MODEL, 0);
  private static final CopyId SECOND = new CopyId(MODEL, 1);

  private final TestProbe<BulletinActor.Command> bulletin = KIT.createTestProbe();
  private final TestProbe<MembersActor.Command> members = KIT.createTestProbe();
  private final TestProbe<ReplicaHostActor.Command> host = KIT.createTestProbe();
  private final AtomicReference<ActorRef<CatalogChanged>> catalog = new AtomicReference<>();
  private final ReplicaTable table = new ReplicaTable();
  private final Map<String, ActorRef<News>> listeners = new HashMap<>();
  private ActorRef<Members> membersAre;

  @BeforeEach
  void start() {
    KIT.spawn(PlacementActor.create(bulletin.getRef(), members.getRef(), catalog::set, table, host.getRef()));
    membersAre = ((MembersActor.Watch) members.receiveMessage()).subscriber();
    for (int topics = 0; topics < 3; topics++) {
      BulletinActor.Listen listen = bulletin.expectMessageClass(BulletinActor.Listen.class);
      listeners.put(listen.topic(), listen.listener());
    }
  }

  @AfterAll
  static void stop() {
    KIT.shutdownTestKit();
  }

  @Test
  void untilTheCatalogIsKnownNothingIsPlaced() {
    up(SELF, B);
    host.expectNoMessage();
    bulletin.expectNoMessage();

    serve(new RuntimeSpec.Onnx(), 2);

    assertThat(expectPlaced().nodes()).containsExactlyInAnyOrder(SELF, B);
  }

  @Test
  void aNodeThatIsNotUpYetSaysNothing() {
    serve(new RuntimeSpec.Onnx(), 2);

    membersAre.tell(new Members(SELF, List.of(peer(B)), Set.of(SELF, B), Set.of()));

    host.expectNoMessage();
  }

  @Test
  void theOldestDecidesAndTheOthersFollow() {
    up(B, SELF);
    serve(new RuntimeSpec.Onnx(), 2);
    assertThat(expectWant().elsewhere()).as("before the oldest has told").containsOnly(Map.entry(FIRST, Optional.empty()), Map.entry(SECOND, Optional.empty()));

    told(B, new Placed(placement(Map.of(FIRST, B, SECOND, SELF), SELF, B)));

    assertThat(expectWant().elsewhere()).containsOnly(Map.entry(FIRST, Optional.of(B)));
    bulletin.expectNoMessage();
  }

  @Test
  void whenTheOldestIsLostTheNextGoesOnFromWhatItToldLast() {
    up(B, SELF, C);
    serve(new RuntimeSpec.Onnx(), 2);
    expectWant();
    told(B, new Placed(placement(Map.of(FIRST, B, SECOND, C), SELF, B, C)));
    expectWant();

    up(SELF, C);

    assertThat(expectPlaced()).isEqualTo(placement(Map.of(FIRST, SELF, SECOND, C), SELF, C));
    assertThat(expectWant().elsewhere()).containsOnly(Map.entry(SECOND, Optional.of(C)));
  }

  @Test
  void aNodeThatIsAboutToStopIsRidOfItsCopies() {
    up(SELF, B);
    serve(new RuntimeSpec.Onnx(), 2);
    assertThat(expectPlaced().nodeOf().values()).containsExactlyInAnyOrder(SELF, B);
    expectWant();

    told(B, new Leaving());

    assertThat(expectPlaced()).isEqualTo(placement(Map.of(FIRST, SELF, SECOND, SELF), SELF));
    assertThat(expectWant().elsewhere()).isEmpty();
  }

  @Test
  void theOldestThatIsAboutToStopPlacesItsOwnCopiesElsewhere() {
    up(SELF, B);
    serve(new RuntimeSpec.Onnx(), 1);
    expectPlaced();
    expectWant();

    here(new Leaving());

    assertThat(expectPlaced()).isEqualTo(placement(Map.of(FIRST, B), B));
    assertThat(expectWant().elsewhere()).containsOnly(Map.entry(FIRST, Optional.of(B)));
  }

  @Test
  void aCopyThatFailedOnANodeIsPlacedOnOneThatHasNotTriedIt() {
    up(SELF, B, C);
    serve(new RuntimeSpec.Onnx(), 1);
    String tried = placeOf(expectPlaced(), FIRST);
    expectWant();

    running(tried, FIRST, State.FAILED, Optional.of("no Python here"));
    String second = placeOf(expectPlaced(), FIRST);
    assertThat(second).isNotEqualTo(tried);
    assertThat(expectWant().elsewhere().get(FIRST)).isEqualTo(second.equals(SELF) ? null : Optional.of(second));

    running(tried, FIRST, State.LOADING, Optional.of("no Python here"));
    running(second, FIRST, State.FAILED, Optional.of("no Python there"));
    String third = placeOf(expectPlaced(), FIRST);
    assertThat(third).isNotIn(tried, second);

    running(third, FIRST, State.FAILED, Optional.of("nor here"));
    bulletin.expectNoMessage();
  }

  @Test
  void aVersionThatNoNodeMayRunHasFailedWithTheReason() {
    CompletableFuture<ReplicaStatus> settled = table.whenSettled(MODEL).toCompletableFuture();
    up(SELF, B);

    serve(command().at("lab-7"), 1);

    assertThat(expectPlaced().nodeOf()).isEmpty();
    assertThat(expectWant().elsewhere()).containsOnly(Map.entry(FIRST, Optional.empty()));
    assertThat(settled).isCompletedWithValue(ReplicaStatus.nowhere(FIRST, "no node in reach may run it: it is tied to the machine lab-7"));
  }

  @Test
  void whereNoNodeRunsReplicasEachVersionHasFailedWithTheReason() {
    CompletableFuture<ReplicaStatus> settled = table.whenSettled(MODEL).toCompletableFuture();
    membersAre.tell(new Members(SELF, List.of(new Peer(SELF, Set.of(NodeRoles.APPLICATION))), Set.of(SELF), Set.of()));

    serve(new RuntimeSpec.Onnx(), 1);

    expectWant();
    assertThat(settled).isCompletedWithValue(ReplicaStatus.nowhere(FIRST, "no node in reach may run it: none has the role replica"));
  }

  @Test
  void aModelForEveryNodeHasACopyOnEachWhateverNodesComeAndGo() {
    up(SELF, B);
    serve(new RuntimeSpec.Onnx(), Model.EVERY_NODE);
    Placement two = expectPlaced();
    assertThat(two.nodeOf().values()).containsExactlyInAnyOrder(SELF, B);
    assertThat(expectWant().versions().getFirst().copies()).containsExactly(FIRST, SECOND);

    up(SELF, B, C);
    Placement three = expectPlaced();
    assertThat(three.nodeOf()).containsAllEntriesOf(two.nodeOf()).containsEntry(new CopyId(MODEL, 2).key(), C);

    up(SELF, C);
    Placement left = expectPlaced();
    assertThat(three.nodeOf()).containsAllEntriesOf(left.nodeOf());
    assertThat(left.nodeOf().values()).containsExactlyInAnyOrder(SELF, C);

    up(SELF, B, C);
    assertThat(expectPlaced()).as("as it was").isEqualTo(three);
  }

  @Test
  void whoeverFollowsHasTheCopyForEveryNodeThatIsPlacedOnIt() {
    up(B, SELF);
    serve(new RuntimeSpec.Onnx(), Model.EVERY_NODE);
    assertThat(expectWant().versions().getFirst().copies()).as("before the oldest has told").isEmpty();

    told(B, new Placed(placement(Map.of(FIRST, B, new CopyId(MODEL, 3), SELF), SELF, B)));

    Want want = expectWant();
    assertThat(want.versions().getFirst().copies()).containsExactly(FIRST, new CopyId(MODEL, 3));
    assertThat(want.elsewhere()).containsOnly(Map.entry(FIRST, Optional.of(B)));
  }

  @Test
  void aModelForEveryNodeThatNoneMayRunHasFailedWithTheReason() {
    CompletableFuture<ReplicaStatus> settled = table.whenSettled(MODEL).toCompletableFuture();
    up(SELF, B);

    serve(command().at("lab-7"), Model.EVERY_NODE);

    expectWant();
    assertThat(settled).isCompletedWithValue(ReplicaStatus.nowhere(FIRST, "no node in reach may run it: it is tied to the machine lab-7"));
  }

  private static RuntimeSpec.Command command() {
    return new RuntimeSpec.Command(
        List.of("serve", "{port}"), Optional.empty(), "", "", Optional.empty(), false, WorkerOptions.DEFAULT, Optional.empty());
  }

  /** Oldest first. */
  private void up(String... nodes) {
    membersAre.tell(new Members(SELF, Arrays.stream(nodes).map(PlacementActorTest::peer).toList(), Set.of(nodes), Set.of()));
  }

  private static Peer peer(String node) {
    return new Peer(node, Set.of(NodeRoles.REPLICA));
  }

  private void serve(RuntimeSpec runtime, int replicas) {
    ModelVersion version = ModelVersion.of(MODEL, Signature.named("doubles"), runtime, Optional.empty());
    Model model = new Model(MODEL.name(), Map.of(MODEL.version(), version), Optional.of(MODEL.version()), List.of(), replicas);
    Objects.requireNonNull(catalog.get()).tell(new CatalogChanged(new Catalog(1, Map.of(), Map.of(MODEL.name(), model))));
  }

  private void running(String node, CopyId copy, State state, Optional<String> error) {
    ReplicaStatus status = new ReplicaStatus(copy.model(), copy.replica(), state, 0, error, 0, 0, Optional.empty());
    Running running = new Running(List.of(new Running.Copy(status, Optional.empty())));
    if (node.equals(SELF)) {
      here(running);
    } else {
      told(node, running);
    }
  }

  private void told(String node, Value value) {
    hear(ActorRefResolver.get(KIT.system()).resolveActorRef("pekko://clipper@%s/system/clipper-bulletin".formatted(node)), value);
  }

  private void here(Value value) {
    hear(bulletin.getRef(), value);
  }

  private void hear(ActorRef<BulletinActor.Command> node, Value value) {
    String topic =
        switch (value) {
          case Placed placed -> Placed.TOPIC;
          case Running running -> Running.TOPIC;
          case Leaving leaving -> Leaving.TOPIC;
          default -> throw new IllegalArgumentException(value.toString());
        };
    Objects.requireNonNull(listeners.get(topic)).tell(new News(node, topic, Optional.of(value)));
  }

  /** What this node has decided and tells. */
  private Placement expectPlaced() {
    BulletinActor.Tell tell = bulletin.expectMessageClass(BulletinActor.Tell.class);
    return ((Placed) tell.value()).placement();
  }

  private Want expectWant() {
    return host.expectMessageClass(Want.class);
  }

  private static String placeOf(Placement placement, CopyId copy) {
    return Objects.requireNonNull(placement.nodeOf().get(copy.key()));
  }

  private static Placement placement(Map<CopyId, String> places, String... nodes) {
    return new Placement(Set.of(nodes), places.entrySet().stream().collect(Collectors.toMap(place -> place.getKey().key(), Map.Entry::getValue)));
  }
}
