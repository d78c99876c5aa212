package io.clipper.replica;

import static org.assertj.core.api.Assertions.assertThat;

import io.clipper.catalog.ModelVersion;
import io.clipper.model.ModelId;
import io.clipper.model.Signature;
import io.clipper.model.runtime.RuntimeSpec;
import io.clipper.replica.ReplicaHostActor.Want;
import io.clipper.replica.ReplicaStatus.State;
import io.clipper.replica.WantedReplicas.Wanted;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.pekko.actor.testkit.typed.javadsl.TestInbox;
import org.junit.jupiter.api.Test;

/** Which copies may go; what their host does about it is {@link ReplicaHostActorTest}'s. */
class HostedCopiesTest {
  private static final ModelId V1 = new ModelId("m", "1");
  private static final ModelId V2 = new ModelId("m", "2");
  private static final String THERE = "10.0.0.2:25520";
  private static final Announcement.Worker WORKER = new Announcement.Worker(V1, "grpc://10.0.0.9:9000");

  private final HostedCopies copies = new HostedCopies();

  @Test
  void anOldVersionStaysUntilEveryNewCopyIsSettledAndOneIsReady() {
    ReplicaSlot old = ready(V1, 0);
    ReplicaSlot one = loading(V2, 0);
    ReplicaSlot other = loading(V2, 1);
    copies.want(new Want(List.of(wanted(V2, 2))));
    assertThat(copies.dispensable()).as("two load").isEmpty();

    copies.put(one.failed("no"));
    assertThat(copies.dispensable()).as("one has failed, one loads").isEmpty();
    copies.put(other.failed("no"));
    assertThat(copies.dispensable()).as("none is ready").isEmpty();

    copies.put(readied(other));
    assertThat(copies.dispensable()).containsExactly(old);
  }

  @Test
  void whatNobodyWantsAnyMoreGoes() {
    ReplicaSlot only = ready(V1, 0);

    copies.want(new Want(List.of()));

    assertThat(copies.dispensable()).containsExactly(only);
  }

  @Test
  void oneThatDrainsNeitherGoesAgainNorTakesAPlace() {
    copies.put(ready(V1, 0).draining());

    assertThat(copies.dispensable()).isEmpty();
    assertThat(copies.of(new CopyId(V1, 0))).isEmpty();
    assertThat(copies.freeReplica(V1)).isZero();
    assertThat(copies.isEmpty()).as("its host waits for it").isFalse();
  }

  @Test
  void aSurplusCopyStaysWhileNoOtherOfItsVersionIsReady() {
    ReplicaSlot kept = loading(V1, 0);
    ReplicaSlot surplus = ready(V1, 1);
    copies.want(new Want(List.of(wanted(V1, 1))));
    assertThat(copies.dispensable()).isEmpty();

    copies.put(readied(kept));
    assertThat(copies.dispensable()).containsExactly(surplus);
  }

  @Test
  void ofAVersionThatIsWantedInNoCopyAllGo() {
    ReplicaSlot last = ready(V1, 0);

    copies.want(new Want(List.of(wanted(V1, 0))));

    assertThat(copies.dispensable()).containsExactly(last);
  }

  @Test
  void oneThatMovesStaysUntilItIsReadyOnThatVeryNode() {
    ReplicaSlot moving = ready(V1, 0);
    copies.want(new Want(List.of(wanted(V1, 1)), Map.of(moving.copy(), Optional.of(THERE))));
    copies.areReadyElsewhere(Map.of("10.0.0.3:25520", Set.of(moving.copy())));
    assertThat(copies.dispensable()).isEmpty();

    copies.areReadyElsewhere(Map.of(THERE, Set.of(moving.copy())));
    assertThat(copies.dispensable()).containsExactly(moving);
  }

  @Test
  void aWorkersCopyStaysWithoutBeingWantedUntilTheWorkerIsForgotten() {
    ReplicaSlot announced = ready(V1, 0);
    copies.announced(WORKER, announced);
    copies.want(new Want(List.of()));
    assertThat(copies.dispensable()).isEmpty();
    assertThat(copies.freeReplica(V1)).isEqualTo(1);

    assertThat(copies.forget(WORKER)).contains(announced);
    assertThat(copies.forget(WORKER)).as("once").isEmpty();
    assertThat(copies.dispensable()).containsExactly(announced);
  }

  @Test
  void aVersionWithOtherContentIsOutdatedUnlessAWorkerRunsIt() {
    ReplicaSlot old = ready(V1, 0);
    copies.announced(WORKER, ready(V1, 1));
    ModelVersion other = ModelVersion.of(V1, Signature.named("doubles"), new RuntimeSpec.Onnx(), Optional.of("ab".repeat(32)));

    copies.want(new Want(List.of(wanted(V1, 2))));
    assertThat(copies.outdated()).isEmpty();
    copies.want(new Want(List.of(new Wanted(other, 2, Duration.ofMillis(50)))));
    assertThat(copies.outdated()).containsExactly(old);
  }

  @Test
  void copiesAreCountedByVersionAndState() {
    ready(V1, 0);
    ready(V1, 1);
    copies.put(loading(V1, 2).failed("no"));
    loading(V2, 0);

    assertThat(copies.counts()).isEqualTo(Map.of(V1, Map.of(State.READY, 2, State.FAILED, 1), V2, Map.of(State.LOADING, 1)));
  }

  private ReplicaSlot loading(ModelId model, int replica) {
    ReplicaSlot slot = copies.empty(wanted(model, replica + 1), replica);
    copies.put(slot);
    return slot;
  }

  private ReplicaSlot ready(ModelId model, int replica) {
    ReplicaSlot slot = readied(loading(model, replica));
    copies.put(slot);
    return slot;
  }

  private static ReplicaSlot readied(ReplicaSlot slot) {
    return slot.ready(TestInbox.<ModelReplicaActor.Command>create().getRef(), 0, Optional.empty());
  }

  private static Wanted wanted(ModelId model, int replicas) {
    ModelVersion version = ModelVersion.of(model, Signature.named("doubles"), new RuntimeSpec.Onnx(), Optional.empty());
    return new Wanted(version, replicas, Duration.ofMillis(50));
  }
}
