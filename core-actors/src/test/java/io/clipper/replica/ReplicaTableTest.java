package io.clipper.replica;

import static org.assertj.core.api.Assertions.assertThat;

import io.clipper.model.ModelId;
import io.clipper.replica.ReplicaStatus.State;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class ReplicaTableTest {
  private static final ModelId MODEL = new ModelId("m", "1");
  private static final CopyId FIRST = new CopyId(MODEL, 0);
  private static final String B = "10.0.0.2:25520";
  private static final String C = "10.0.0.3:25520";

  private final ReplicaTable table = new ReplicaTable();

  @Test
  void aVersionHasFailedWhenEachNodeThatMayRunItHas() {
    mayRun(2);
    CompletableFuture<ReplicaStatus> settled = settled();
    table.publish(List.of(failed(0, "no Python here")));
    assertThat(settled).as("another node may run it").isNotDone();

    table.heard(B, List.of(loading(0)));
    assertThat(settled).isNotDone();
    table.heard(B, List.of(failed(0, "no Python there")));

    assertThat(settled).isCompletedWithValueMatching(status -> status.state() == State.FAILED);
  }

  @Test
  void aVersionThatSeveralNodesCouldNotLoadIsTriedOnNoMoreBeforeItIsSaid() {
    mayRun(20);
    CompletableFuture<ReplicaStatus> settled = settled();
    table.publish(List.of(failed(0, "a broken file")));
    table.heard(B, List.of(retried(0, "a broken file")));
    assertThat(settled).isNotDone();

    table.heard(C, List.of(failed(0, "a broken file")));

    assertThat(settled).isCompletedWithValueMatching(status -> status.lastError().equals(Optional.of("a broken file")));
  }

  @Test
  void whatOneNodeCannotLoadAnotherMay() {
    mayRun(2);
    CompletableFuture<ReplicaStatus> settled = settled();

    table.publish(List.of(failed(0, "no Python here")));
    table.heard(B, List.of(ready(0)));

    assertThat(settled).isCompletedWithValueMatching(status -> status.state() == State.READY);
  }

  @Test
  void aCopyThatFailedSaysNothingWhileAnotherLoads() {
    mayRun(1);
    CompletableFuture<ReplicaStatus> settled = settled();
    table.publish(List.of(failed(0, "no room"), loading(1)));
    assertThat(settled).isNotDone();

    table.publish(List.of(failed(0, "no room"), failed(1, "no room either")));

    assertThat(settled).isCompletedWithValueMatching(status -> status.state() == State.FAILED);
  }

  @Test
  void whatNoNodeMayRunHasFailedAndIsShownUntilOneRunsIt() {
    CompletableFuture<ReplicaStatus> settled = settled();
    ReplicaStatus nowhere = ReplicaStatus.nowhere(FIRST, "it is tied to the machine lab-7");

    table.placed(new Placing(Map.of(MODEL, 0), List.of(nowhere), Optional.of(Set.of())));

    assertThat(settled).isCompletedWithValue(nowhere);
    assertThat(table.nowhere()).containsExactly(nowhere);
    table.heard(B, List.of(ready(0)));
    assertThat(table.nowhere()).isEmpty();
    assertThat(table.isReady(MODEL)).isTrue();
  }

  @Test
  void aVersionOfWhichThereIsNoCopyForAMomentIsStillWanted() {
    mayRun(2);
    CompletableFuture<ReplicaStatus> settled = settled();
    table.heard(B, List.of(loading(0)));
    table.heard(B, List.of());
    assertThat(settled).as("its node is lost, and another is to load it").isNotDone();

    table.placed(Placing.UNKNOWN);

    assertThat(settled).isCompletedWithValueMatching(status -> status.lastError().equals(Optional.of("it is no longer wanted")));
  }

  @Test
  void aNodeHasStartedWhenWhatIsPlacedOnItHasBeenTried() {
    CompletableFuture<Void> own = table.whenOwnSettled().toCompletableFuture();
    table.heard(B, List.of(ready(0)));
    table.placed(new Placing(Map.of(MODEL, 2), List.of(), Optional.empty()));
    assertThat(own).as("the placement does not know it yet").isNotDone();

    table.placed(new Placing(Map.of(MODEL, 2), List.of(), Optional.of(Set.of(new CopyId(MODEL, 1)))));
    assertThat(own).isNotDone();
    table.publish(List.of(loading(1)));
    assertThat(own).isNotDone();

    table.publish(List.of(ready(1)));
    assertThat(own).isDone();
  }

  @Test
  void aNodeHasHandedOverWhenNothingIsReadyHereThatMayRunElsewhere() {
    ModelId tied = new ModelId("tied", "1");
    ReplicaStatus stays = new ReplicaStatus(tied, 0, State.READY, 0, Optional.empty(), 0, 0, Optional.empty());
    table.placed(new Placing(Map.of(MODEL, 2, tied, 1), List.of(), Optional.of(Set.of(FIRST))));
    table.publish(List.of(ready(0), stays));
    CompletableFuture<Void> handedOver = table.whenHandedOver().toCompletableFuture();
    assertThat(handedOver).as("the others do not know that it leaves").isNotDone();

    table.placed(new Placing(Map.of(MODEL, 1, tied, 0), List.of(), Optional.empty()));
    assertThat(handedOver).as("it is not ready there").isNotDone();
    table.publish(List.of(stays));

    assertThat(handedOver).isDone();
  }

  private void mayRun(int nodes) {
    table.placed(new Placing(Map.of(MODEL, nodes), List.of(), Optional.of(Set.of(FIRST))));
  }

  private CompletableFuture<ReplicaStatus> settled() {
    return table.whenSettled(MODEL).toCompletableFuture();
  }

  private static ReplicaStatus ready(int replica) {
    return status(replica, State.READY, Optional.empty());
  }

  private static ReplicaStatus loading(int replica) {
    return status(replica, State.LOADING, Optional.empty());
  }

  private static ReplicaStatus retried(int replica, String error) {
    return status(replica, State.LOADING, Optional.of(error));
  }

  private static ReplicaStatus failed(int replica, String error) {
    return status(replica, State.FAILED, Optional.of(error));
  }

  private static ReplicaStatus status(int replica, State state, Optional<String> error) {
    return new ReplicaStatus(MODEL, replica, state, 0, error, 0, 0, Optional.empty());
  }
}
