package io.clipper.batch;

import static org.assertj.core.api.Assertions.assertThat;

import io.clipper.batch.DeadlineQueue.Entry;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class BatcherTest {
  private static final long LATE = 1_000_000;
  private static final Duration OBJECTIVE = Duration.ofNanos(1000);

  private final Batcher<String, String> batcher = new Batcher<>(new Fixed(2), 4, 1, 0);

  @Test
  void whatWaitsLeavesInBatchesWhileTheRuntimeIsFree() {
    offer("a", "b", "c");

    assertThat(sent(0)).containsExactly("a", "b");
    assertThat(batcher.next(0)).isEqualTo(new Step.Rest<>(OptionalLong.of(LATE)));
    batcher.returned(batcher.lastSent(), 10);
    assertThat(sent(10)).containsExactly("c");
  }

  @Test
  void whatIsCancelledIsNotComputed() {
    offer("a", "b", "c");
    batcher.cancel("a");

    assertThat(sent(0)).containsExactly("b", "c");
  }

  @Test
  void overItsLimitItTakesNothing() {
    offer("a", "b", "c", "d");

    assertThat(batcher.offer("e", "e", LATE, 0)).isFalse();
  }

  @Test
  void whatIsPastItsDeadlineIsDroppedWhetherTheRuntimeIsFreeOrNot() {
    offer("a", "b", "c");
    sent(0);

    assertThat(batcher.next(LATE)).isInstanceOf(Step.Drop.class);
    assertThat(batcher.isEmpty()).isTrue();
  }

  @Test
  void whatNotEvenABatchOfItsOwnWouldMeetIsDroppedUnlessItIsAllThereIs() {
    batcher.offer("slow", "slow", LATE, 0);
    sent(0);
    batcher.returned(batcher.lastSent(), 1000);

    batcher.offer("hopeless", "hopeless", 1500, 1000);
    batcher.offer("fine", "fine", LATE, 1000);
    assertThat(((Step.Drop<String, String>) batcher.next(1000)).row().key()).isEqualTo("hopeless");
    assertThat(sent(1000)).containsExactly("fine");
    batcher.returned(batcher.lastSent(), 2000);

    batcher.offer("alone", "alone", 2500, 2000);
    assertThat(sent(2000)).containsExactly("alone");
  }

  @Test
  void whatIsPutBackLeavesByItself() {
    offer("a", "b", "c", "d");
    List<Entry<String, String>> batch = ((Step.Send<String, String>) batcher.next(0)).rows();
    batcher.failed(batcher.lastSent(), 10);
    batch.forEach(batcher::putBackAlone);

    assertThat(sent(10)).containsExactly("a");
    batcher.returned(batcher.lastSent(), 20);
    assertThat(sent(20)).containsExactly("b");
    batcher.returned(batcher.lastSent(), 30);
    assertThat(sent(30)).containsExactly("c", "d");
  }

  @Test
  void theRuntimeHasNothingBesideARowThatIsSecluded() {
    Batcher<String, String> two = new Batcher<>(new Fixed(1), 10, 2, 0);
    two.offer("before", "before", LATE, 0);
    assertThat(two.next(0)).isInstanceOf(Step.Send.class);
    two.offerSecluded("secluded", "secluded", LATE, 0);
    two.offer("behind", "behind", LATE + 1, 0);

    assertThat(two.next(0)).isInstanceOf(Step.Rest.class);
    two.returned(two.lastSent(), 10);
    assertThat(((Step.Send<String, String>) two.next(10)).rows()).extracting(Entry::key).containsExactly("secluded");
    assertThat(two.next(10)).isInstanceOf(Step.Rest.class);
    two.failed(two.lastSent(), 20);
    assertThat(((Step.Send<String, String>) two.next(20)).rows()).extracting(Entry::key).containsExactly("behind");
  }

  @Test
  void whatIsComputedBesideTheOthersIsNotRefusedForThemWhileThereIsRoom() {
    Batcher<String, String> wide = new Batcher<>(new Fixed(1), 10, 4, 0);
    wide.offer("slow", "slow", 10_000, 0);
    assertThat(wide.next(0)).isInstanceOf(Step.Send.class);
    wide.returned(wide.lastSent(), 1_000);
    for (String row : List.of("a", "b", "c")) {
      assertThat(wide.refuses(3_500, 1_000)).as(row).isFalse();
      wide.offer(row, row, 3_500, 1_000);
      assertThat(wide.next(1_000)).as(row).isInstanceOf(Step.Send.class);
    }
    assertThat(wide.refuses(3_500, 1_000)).as("the last place").isFalse();
    wide.offer("d", "d", 3_500, 1_000);
    assertThat(wide.next(1_000)).isInstanceOf(Step.Send.class);
    assertThat(wide.refuses(3_500, 1_000)).as("it would wait for four that take 1000 each").isTrue();
  }

  @Test
  void behindAWireASecondBatchLeavesWhenItIsFullOrTheFirstIsNearlyBack() {
    Batcher<String, String> two = new Batcher<>(new Fixed(2), 10, 2, 0);
    learn(two);
    two.offer("a", "a", LATE, 50_000);
    assertThat(rows(two.next(50_000))).containsExactly("a");
    two.offer("b", "b", LATE, 50_000);

    assertThat(two.next(50_000)).isEqualTo(new Step.Rest<>(OptionalLong.of(50_900)));
    assertThat(rows(two.next(50_900))).containsExactly("b");
    two.offer("c", "c", LATE, 50_900);
    assertThat(two.next(50_900)).isInstanceOf(Step.Rest.class);
    two.returned(two.lastSent() - 1, 51_000);
    assertThat(two.latency().expectedNanos(1)).isEqualTo(1000);
  }

  @Test
  void aBatchThatWasSentWhileAnotherRanCountsFromThatOnesReturn() {
    Batcher<String, String> two = new Batcher<>(new Fixed(1), 10, 2, 0);
    two.offer("a", "a", LATE, 0);
    two.offer("b", "b", LATE, 0);
    two.next(0);
    two.next(0);
    assertThat(two.rowsUnderWay()).isEqualTo(2);

    two.returned(0, 1000);
    two.returned(1, 2000);

    assertThat(two.latency().expectedNanos(1)).isEqualTo(1000);
  }

  @Test
  void aRowThatSurelyComesTooLateIsKnownWhenItCarriesABatchTooMany() {
    Batcher<String, String> known = new Batcher<>(new Fixed(2), 10, 1, 0);
    learn(known);
    assertThat(known.refuses(50_001, 50_000)).as("it is idle, and tries").isFalse();
    for (String key : List.of("a", "b", "c", "d", "e")) {
      known.offer(key, key, 52_500, 50_000);
    }
    known.next(50_000);

    assertThat(known.refuses(50_500, 50_000)).as("the batch that runs takes longer").isTrue();
    assertThat(known.refuses(51_500, 50_000)).as("it would be first, before all who have more time").isFalse();
    assertThat(known.refuses(52_900, 50_000)).as("it would complete the second batch after the one that runs").isTrue();
    assertThat(known.refuses(53_100, 50_000)).isFalse();
  }

  @Test
  void inOverloadARowIsRefusedUnlessItIsSurelyInTime() {
    Batcher<String, String> crowded = new Batcher<>(new Fixed(2), 10, 1, 0);
    learn(crowded);
    crowded.offer("a", "a", LATE, 50_000);
    crowded.next(50_000);
    assertThat(crowded.refuses(51_900, 50_000)).as("one batch under way, and its own").isFalse();
    for (int i = 0; i < 100; i++) {
      assertThat(crowded.refuses(50_100, 50_000)).isTrue();
    }

    assertThat(crowded.refuses(51_900, 50_000)).isTrue();
    assertThat(crowded.refuses(52_900, 50_000)).isFalse();
  }

  @Test
  void inOverloadNobodyIsLetInBeforeOneThatWouldThenBeLate() {
    Batcher<String, String> crowded = new Batcher<>(new Fixed(2), 10, 1, 0);
    learn(crowded);
    crowded.offer("a", "a", LATE, 50_000);
    crowded.next(50_000);
    for (int i = 0; i < 100; i++) {
      assertThat(crowded.refuses(50_100, 50_000)).isTrue();
    }
    crowded.offer("b", "b", 53_900, 50_000);
    crowded.offer("c", "c", 53_900, 50_000);

    assertThat(crowded.refuses(53_800, 50_000)).as("the second of those that wait has time for the batch after the next").isFalse();
    crowded.offer("d", "d", 53_800, 50_000);
    crowded.offer("e", "e", 53_800, 50_000);
    assertThat(crowded.refuses(53_800, 50_000)).as("behind one more it would leave with the third, and be late").isTrue();
    assertThat(crowded.refuses(60_000, 50_000)).as("who waits behind it harms it not").isFalse();
  }

  @Test
  void aBatchThatIsOverdueIsExpectedToTakeAsLongAgain() {
    Batcher<String, String> stalled = new Batcher<>(new Fixed(2), 10, 1, 0);
    learn(stalled);
    stalled.offer("a", "a", LATE, 50_000);
    stalled.next(50_000);

    assertThat(stalled.refuses(59_000, 54_000)).as("overdue by 3000").isFalse();
    assertThat(stalled.refuses(59_000, 56_000)).as("overdue by 5000").isTrue();
  }

  @Test
  void whatHasNotBeenExploredRefusesNobody() {
    Batcher<String, String> cold = new Batcher<>(new RateMatched(100, OBJECTIVE), 100, 1, 0);
    cold.offer("first", "first", LATE, 0);
    cold.next(0);
    cold.returned(0, 500);
    cold.offer("a", "a", 1000, 500);

    assertThat(cold.refuses(501, 500)).isFalse();
  }

  /** Single rows and pairs that each take 1000 ns. */
  private static void learn(Batcher<String, String> batcher) {
    for (long i = 0; i < 50; i++) {
      batcher.offer("x", "x", LATE, i * 1000);
      if (i % 2 == 1) {
        batcher.offer("y", "y", LATE, i * 1000);
      }
      batcher.next(i * 1000);
      batcher.returned(batcher.lastSent(), i * 1000 + 1000);
    }
  }

  private void offer(String... keys) {
    for (String key : keys) {
      assertThat(batcher.offer(key, key, LATE, 0)).isTrue();
    }
  }

  private List<String> sent(long now) {
    return rows(batcher.next(now));
  }

  private static List<String> rows(Step<String, String> step) {
    return ((Step.Send<String, String>) step).rows().stream().map(Entry::key).toList();
  }
}
