package io.clipper.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DeadlineQueueTest {
  private final DeadlineQueue<String, Integer> queue = new DeadlineQueue<>(100);

  @Test
  void theEarliestDeadlineLeavesFirstAndEqualOnesAsTheyCame() {
    queue.offer("late", 1, 30, 0);
    queue.offer("first of two", 2, 20, 0);
    queue.offer("second of two", 3, 20, 0);
    queue.offer("early", 4, 10, 0);

    assertThat(takeAll()).containsExactly("early", "first of two", "second of two", "late");
  }

  @Test
  void overItsLimitItTakesNothing() {
    DeadlineQueue<String, Integer> small = new DeadlineQueue<>(1);

    assertThat(small.offer("one", 1, 10, 0)).isTrue();
    assertThat(small.offer("two", 2, 5, 0)).isFalse();
    assertThat(small.size()).isEqualTo(1);
  }

  @Test
  void whatIsPutBackHasItsPlaceAlsoOverTheLimit() {
    DeadlineQueue<String, Integer> small = new DeadlineQueue<>(1);
    small.offer("one", 1, 10, 0);
    var one = small.take();
    small.offer("two", 2, 10, 0);

    small.putBackAlone(one);

    var first = small.take();
    assertThat(first.key()).isEqualTo("one");
    assertThat(first.alone()).isTrue();
    assertThat(small.take().key()).isEqualTo("two");
  }

  @Test
  void aPostponedOneLeavesLaterAndIsNeverBroughtForward() {
    queue.offer("one", 1, 10, 0);
    queue.offer("two", 2, 20, 0);

    queue.postpone("one", 30);
    queue.postpone("two", 5);
    queue.postpone("unknown", 5);

    assertThat(queue.first().deadlineNanos()).isEqualTo(20);
    assertThat(takeAll()).containsExactly("two", "one");
  }

  @Test
  void whatIsRemovedIsGone() {
    queue.offer("one", 1, 10, 0);
    queue.offer("two", 2, 20, 0);

    queue.remove("one");
    queue.remove("unknown");

    assertThat(takeAll()).containsExactly("two");
  }

  @Test
  void theOldestIsTheFirstThatCameOfThoseWhoStillWait() {
    queue.offer("one", 1, 30, 100);
    queue.offer("two", 2, 20, 200);
    queue.offer("three", 3, 10, 300);
    queue.postpone("one", 40);

    assertThat(queue.oldest().arrivedNanos()).isEqualTo(100);
    queue.remove("one");
    assertThat(queue.oldest().arrivedNanos()).isEqualTo(200);
  }

  @Test
  void countsWhoLeavesBeforeADeadlineUpToAsManyAsMatter() {
    for (int i = 0; i < 10; i++) {
      queue.offer("k" + i, i, 10L * i, 0);
    }

    assertThat(queue.aheadOf(45, 100)).isEqualTo(5);
    assertThat(queue.aheadOf(45, 3)).isEqualTo(3);
    assertThat(queue.aheadOf(1000, 100)).isEqualTo(10);
    assertThat(queue.aheadOf(-1, 100)).isZero();
  }

  @Test
  void deadlinesAreOrderedAcrossTheEndOfTheClocksRange() {
    queue.offer("after", 1, Long.MIN_VALUE + 5, 0);
    queue.offer("before", 2, Long.MAX_VALUE - 5, 0);

    assertThat(takeAll()).containsExactly("before", "after");
  }

  @Test
  void aKeyThatWaitsIsNotTakenTwice() {
    queue.offer("one", 1, 10, 0);

    assertThatThrownBy(() -> queue.offer("one", 2, 20, 0)).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("one");
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void inAnyHistoryNothingIsLostAndNothingLeavesOutOfOrder(long seed) {
    Random random = new Random(seed);
    List<String> inside = new ArrayList<>();
    for (int step = 0; step < 2000; step++) {
      String key = "k" + random.nextInt(150);
      switch (random.nextInt(4)) {
        case 0 -> queue.postpone(key, random.nextInt(1000));
        case 1 -> {
          queue.remove(key);
          inside.remove(key);
        }
        default -> {
          if (!inside.contains(key) && queue.offer(key, step, random.nextInt(1000), 0)) {
            inside.add(key);
          }
        }
      }
      assertThat(queue.size()).isEqualTo(inside.size());
    }

    List<DeadlineQueue.Entry<String, Integer>> left = new ArrayList<>();
    while (!queue.isEmpty()) {
      left.add(queue.take());
    }
    assertThat(left).extracting(DeadlineQueue.Entry::key).containsExactlyInAnyOrderElementsOf(inside);
    assertThat(left).extracting(DeadlineQueue.Entry::deadlineNanos).isSorted();
  }

  private List<String> takeAll() {
    List<String> keys = new ArrayList<>();
    while (!queue.isEmpty()) {
      keys.add(queue.take().key());
    }
    return keys;
  }
}
