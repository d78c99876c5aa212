package io.clipper.application;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class DeadlineClockTest {
  private final AtomicLong hand = new AtomicLong(Long.MAX_VALUE - 50); // the numbers of a nano clock may run over their end
  private final long start = hand.get();
  private final List<Integer> ran = Collections.synchronizedList(new ArrayList<>());

  @Test
  void whatIsDueRunsInOrderAndTheRestStays() throws Exception {
    try (DeadlineClock clock = new DeadlineClock(hand::get)) {
      for (int after : new int[] {300, 100, 100_000_000, 200}) {
        clock.at(start + after, () -> ran.add(after));
      }
      nudge(clock, start);

      hand.addAndGet(1000);
      nudge(clock, start);

      assertThat(ran).containsExactly(100, 200, 300);
    }
  }

  @Test
  void deadlinesOfOneMomentRunAsTheyCame() throws Exception {
    try (DeadlineClock clock = new DeadlineClock(hand::get)) {
      long moment = hand.get() + 1000;
      IntStream.range(0, 100).forEach(i -> clock.at(moment, () -> ran.add(i)));

      hand.addAndGet(1000);
      nudge(clock, start);

      assertThat(ran).containsExactlyElementsOf(IntStream.range(0, 100).boxed().toList());
    }
  }

  @Test
  void aCancelledDeadlineDoesNotRunAndCannotBeCancelledTwice() throws Exception {
    try (DeadlineClock clock = new DeadlineClock(hand::get)) {
      DeadlineClock.Deadline deadline = clock.at(hand.get() + 100, () -> ran.add(1));

      assertThat(deadline.cancel()).isTrue();
      assertThat(deadline.cancel()).isFalse();
      hand.addAndGet(1000);
      nudge(clock, start);

      assertThat(ran).isEmpty();
    }
  }

  @Test
  void aCancelledDeadlineReleasesWhatItHeldAtOnce() {
    try (DeadlineClock clock = new DeadlineClock(hand::get)) {
      byte[] held = new byte[1 << 20];
      WeakReference<byte[]> reference = new WeakReference<>(held);
      DeadlineClock.Deadline deadline = holding(clock, held);
      held = new byte[0];

      deadline.cancel();

      // Ends by the test's timeout if the clock still holds it.
      while (reference.get() != null) {
        System.gc();
      }
      assertThat(held).isEmpty();
    }
  }

  @Test
  void anActionThatThrowsDoesNotStopTheOthers() throws Exception {
    try (DeadlineClock clock = new DeadlineClock(hand::get)) {
      clock.at(hand.get() + 100, () -> {
        throw new IllegalStateException("a bug on purpose");
      });
      clock.at(hand.get() + 200, () -> ran.add(2));

      hand.addAndGet(1000);
      nudge(clock, start);

      assertThat(ran).containsExactly(2);
    }
  }

  @Test
  void aDeadlineIsKeptToTheMillisecondAndAnEarlierOneWakesIt() throws Exception {
    try (DeadlineClock clock = new DeadlineClock(System::nanoTime)) {
      CompletableFuture<Long> never = new CompletableFuture<>();
      clock.at(System.nanoTime() + SECONDS.toNanos(60), () -> never.complete(0L));
      long best = Long.MAX_VALUE;
      for (int i = 0; i < 20; i++) {
        CompletableFuture<Long> late = new CompletableFuture<>();
        long deadline = System.nanoTime() + MILLISECONDS.toNanos(5);
        clock.at(deadline, () -> late.complete(System.nanoTime() - deadline));
        assertThat(late.get(30, SECONDS)).isNotNegative();
        best = Math.min(best, late.join());
      }

      assertThat(best).isLessThan(MILLISECONDS.toNanos(1));
      assertThat(never).isNotDone();
    }
  }

  @Test
  void noDeadlineOfManyThreadsIsLostOrRunTwice() throws Exception {
    int threads = 4;
    int each = 50_000;
    AtomicInteger runs = new AtomicInteger();
    AtomicInteger cancelled = new AtomicInteger();
    CountDownLatch done = new CountDownLatch(threads * each);
    try (DeadlineClock clock = new DeadlineClock(System::nanoTime)) {
      for (int t = 0; t < threads; t++) {
        long seed = t;
        Thread.ofPlatform()
            .start(
                () -> {
                  for (int i = 0; i < each; i++) {
                    long ahead = (i * 7919L + seed * 104_729) % 2_000_000;
                    DeadlineClock.Deadline deadline =
                        clock.at(
                            System.nanoTime() + ahead,
                            () -> {
                              runs.incrementAndGet();
                              done.countDown();
                            });
                    if (i % 3 == 0 && deadline.cancel()) {
                      cancelled.incrementAndGet();
                      done.countDown();
                    }
                  }
                });
      }

      assertThat(done.await(45, SECONDS)).as("left: %d", done.getCount()).isTrue();
      assertThat(runs.get() + cancelled.get()).isEqualTo(threads * each);
      assertThat(cancelled.get()).isPositive();
    }
  }

  @Test
  void cancelledDeadlinesThatAreFarAwayDoNotAddUp() throws Exception {
    try (DeadlineClock clock = new DeadlineClock(System::nanoTime)) {
      clock.at(System.nanoTime() + SECONDS.toNanos(3600), () -> ran.add(1));
      for (int i = 0; i < 200_000; i++) {
        clock.at(System.nanoTime() + SECONDS.toNanos(7200), () -> ran.add(2)).cancel();
      }
      // One more cancelled deadline wakes a clock that has too many; an action shows that it has gone round since.
      clock.at(System.nanoTime() + SECONDS.toNanos(7200), () -> ran.add(2)).cancel();
      nudge(clock, System.nanoTime());

      assertThat(clock.husks()).isLessThan(20_000);
      assertThat(ran).isEmpty();
    }
  }

  @Test
  void whatIsStillToComeWhenItIsClosedRunsAtOnce() throws Exception {
    DeadlineClock clock = new DeadlineClock(hand::get);
    clock.at(hand.get() + 100, () -> ran.add(1));
    DeadlineClock.Deadline cancelled = clock.at(hand.get() + 200, () -> ran.add(2));
    cancelled.cancel();

    clock.close();
    clock.awaitEnd();
    clock.at(hand.get() + 300, () -> ran.add(3));

    assertThat(ran).containsExactly(1, 3);
  }

  /** Returns when the clock has run all that is due: a deadline in the past wakes it, and one that it sets itself is the next round's. */
  private static void nudge(DeadlineClock clock, long past) throws Exception {
    CompletableFuture<Boolean> secondRound = new CompletableFuture<>();
    clock.at(past - 1, () -> clock.at(past - 1, () -> secondRound.complete(true)));
    secondRound.get(30, SECONDS);
  }

  private static DeadlineClock.Deadline holding(DeadlineClock clock, byte[] held) {
    return clock.at(Long.MAX_VALUE - 10, () -> assertThat(held).isNotNull());
  }
}
