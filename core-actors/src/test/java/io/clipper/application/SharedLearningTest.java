package io.clipper.application;

import static org.assertj.core.api.Assertions.assertThat;

import io.clipper.application.HeardLedgers.Heard;
import io.clipper.application.LearnedState.PartitionState;
import io.clipper.application.LedgerEvent.Incarnation;
import io.clipper.model.ModelId;
import io.clipper.selection.Observation;
import io.clipper.selection.Observation.Judged;
import io.clipper.selection.PolicySettings;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SharedLearningTest {
  private static final ModelId A = new ModelId("a", "1");
  private static final ModelId B = new ModelId("b", "1");

  private final SharedLearning shared = new SharedLearning(1, "here");

  @Test
  void aLedgerIsUsedWithWhatOthersLearnedAndTellsOnlyItsOwn() {
    Ledger mine = learned(named(7, 1, 1), 1, 10);
    shared.apply(mine);

    assertThat(shared.hear(2, new Heard("there", learned(named(7, 1, 1), 2, 20)))).isTrue();
    Ledger inUse = shared.apply(mine);

    assertThat(inUse.learner().observations()).isEqualTo(30);
    assertThat(inUse.own()).isEqualTo(mine.own());
    assertThat(inUse.own().orElseThrow().learner().observations()).isEqualTo(10);
  }

  @Test
  void whatIsToldOfAnotherApplicationOfThatNameIsNotTaken() {
    Ledger mine = learned(named(8, 1, 1), 1, 10);
    shared.apply(mine);
    shared.hear(2, new Heard("there", learned(named(7, 1, 1), 2, 20)));

    assertThat(shared.apply(mine).learner().observations()).isEqualTo(10);

    shared.hear(2, new Heard("there", learned(named(8, 1, 1), 2, 1)));
    assertThat(shared.apply(mine).learner().observations()).as("fewer, and of the one that is meant").isEqualTo(11);
  }

  @Test
  void ofAVersionThatCameBackOnlyWhatIsToldOfTheNewOneIsTaken() {
    Ledger mine = learned(named(7, 1, 1), 1, 10);
    shared.apply(mine);
    shared.hear(2, new Heard("there", learned(named(7, 1, 1), 2, 20)));
    assertThat(observations(shared.apply(mine), A)).isEqualTo(30);

    Ledger back = mine.after(new LedgerEvent.Named(7, 50, List.of(new Incarnation(A, 2, 50)))).after(admitted());

    assertThat(observations(shared.apply(back), A)).isZero();
    assertThat(observations(shared.apply(back), B)).isEqualTo(30);

    shared.hear(2, new Heard("there", learned(named(7, 2, 1), 2, 25)));
    assertThat(observations(shared.apply(back), A)).isEqualTo(25);
  }

  @Test
  void whoeverHasThePartitionTodayIsKnownThoughItHasLearnedNothingSince() {
    Ledger mine = learned(named(7, 1, 1), 1, 10);
    shared.apply(mine);
    Ledger before = learned(named(7, 1, 1), 2, 20);
    shared.hear(2, new Heard("there", before));
    Ledger started = before.after(new LedgerEvent.IdsReserved(1 << 20));

    shared.hear(2, new Heard("elsewhere", started));
    shared.hear(2, new Heard("there", before));

    assertThat(shared.partitions(mine)).containsExactly(new PartitionState(1, "here", 10), new PartitionState(2, "elsewhere", 20));
    assertThat(shared.apply(mine).learner().observations()).isEqualTo(30);
  }

  private static long observations(Ledger ledger, ModelId model) {
    return ledger.learner().standing(model).orElseThrow().observations();
  }

  private static Ledger named(long application, long a, long b) {
    return Ledger.startSpread()
        .after(new LedgerEvent.Named(application, 0, List.of(new Incarnation(A, a, 0), new Incarnation(B, b, 0))))
        .after(new LedgerEvent.PolicyChanged(new PolicySettings("exp4", Map.of())))
        .after(admitted());
  }

  private static LedgerEvent.Admitted admitted() {
    return new LedgerEvent.Admitted(List.of(A, B), List.of());
  }

  private static Ledger learned(Ledger ledger, int partition, int times) {
    List<Lesson> lessons = new ArrayList<>();
    for (int i = 0; i < times; i++) {
      Observation observation = new Observation(List.of(new Judged(A, 0, 1), new Judged(B, 1, 1)), List.of(A, B));
      lessons.add(new Lesson(i * QueryIds.PARTITIONS + partition, Optional.empty(), Optional.empty(), observation));
    }
    return ledger.after(new LedgerEvent.Learned(lessons));
  }
}
