package io.clipper.certainty;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConformalTest {
  private static final int ROUNDS = 15_000;
  private static final double MISS = 0.1;

  /** Chooses the next score, knowing what is about to be issued. */
  private interface Adversary {
    double score(double threshold, Conformal state, int round, RandomGenerator random);
  }

  private enum Kind implements Adversary {
    ALWAYS_MISSED {
      @Override
      public double score(double threshold, Conformal state, int round, RandomGenerator random) {
        return beyond(threshold);
      }
    },
    NEVER_MISSED {
      @Override
      public double score(double threshold, Conformal state, int round, RandomGenerator random) {
        return threshold == Double.NEGATIVE_INFINITY ? 0 : Math.min(threshold, 0);
      }
    },
    IN_BLOCKS {
      @Override
      public double score(double threshold, Conformal state, int round, RandomGenerator random) {
        return round / 700 % 2 == 0 ? beyond(threshold) : 0;
      }
    },
    WHERE_IT_HURTS {
      @Override
      public double score(double threshold, Conformal state, int round, RandomGenerator random) {
        return state.level() > 0.05 ? beyond(threshold) : Math.min(threshold, 0);
      }
    },
    GROWING {
      @Override
      public double score(double threshold, Conformal state, int round, RandomGenerator random) {
        return Math.exp(round / 200.0) * random.nextDouble();
      }
    },
    OF_CHANGING_SCALE {
      @Override
      public double score(double threshold, Conformal state, int round, RandomGenerator random) {
        return Math.abs(random.nextGaussian()) * (1 + 9 * (round / 300 % 3));
      }
    };

    static double beyond(double threshold) {
      return Double.isInfinite(threshold) ? 1 : threshold + 1;
    }
  }

  static Stream<Arguments> lateAdversaries() {
    return Stream.of(Kind.values()).flatMap(kind -> Stream.of(0, 100, 1_000).map(delay -> Arguments.of(kind, delay)));
  }

  static Stream<Arguments> adversaries() {
    return lateAdversaries().map(Arguments::get).flatMap(late -> Stream.of(0.02, 0.005).map(step -> Arguments.of(late[0], late[1], step)));
  }

  /** Where labels come in order, so many labels after their promise each. */
  @ParameterizedTest
  @MethodSource("adversaries")
  void noSequenceMovesTheShareOfMissesBeyondTheBound(Kind kind, int delay, double step) {
    Run run = new Run(Conformal.start(MISS, step, step), delay, 1);
    for (int round = 0; round < ROUNDS; round++) {
      run.next(kind);
      assertThat(run.latest).isLessThanOrEqualTo(delay);
      run.checkBound(step, delay);
    }
    assertThat(run.state.reached().labels()).isGreaterThan(ROUNDS - 2 * delay - 20);
  }

  @ParameterizedTest
  @MethodSource("lateAdversaries")
  void norWhereTheStepsShrink(Kind kind, int delay) {
    Run run = new Run(Conformal.start(MISS), delay, 2);
    for (int round = 0; round < ROUNDS; round++) {
      run.next(kind);
      run.checkBound(run.state.labels() <= Conformal.FIRST_LABELS ? Conformal.FIRST_STEP : Conformal.LATER_STEP, delay);
    }
  }

  @ParameterizedTest
  @MethodSource("adversaries")
  void norWhereLabelsComeInAnyOrderOrNever(Kind kind, int delay, double step) {
    Run run = new Run(Conformal.start(MISS, step, step), delay, 4).shuffled();
    for (int round = 0; round < ROUNDS; round++) {
      run.next(kind);
      run.checkBound(step, run.latest);
    }
    assertThat(run.state.reached().labels()).isLessThan(ROUNDS * 95 / 100);
  }

  /** Scores ten times as great from one promise to the next, with a thousand labels out: a debt of 700 misses, which eight thousand hits pay. */
  @Test
  void aShiftIsOverWhenItsLateMissesAreMadeUpFor() {
    Run run = new Run(Conformal.start(MISS), 1_000, 5);
    for (int round = 0; round < 13_000; round++) {
      run.next((threshold, state, at, random) -> Math.abs(random.nextGaussian()) * (at < 4_000 ? 1 : 10));
    }
    run.unbounded = 0;
    run.empty = 0;
    for (int round = 0; round < 7_000; round++) {
      run.next((threshold, state, at, random) -> 10 * Math.abs(random.nextGaussian()));
    }
    assertThat(run.unbounded + run.empty).isZero();
    assertThat(run.state.reached().coverage().orElseThrow()).isBetween(.88, .92);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 100, 1_000})
  void labelsThatComeLateDoNotMakeItSwing(int delay) {
    Run run = new Run(Conformal.start(0.1), delay, 3);
    for (int round = 0; round < 12_000; round++) {
      run.next((threshold, state, at, random) -> Math.abs(random.nextGaussian()));
    }
    assertThat(run.state.reached().coverage().orElseThrow()).isBetween(0.88, 0.92);
    assertThat(run.unbounded).isLessThan((int) (0.01 * 12_000) + delay + 10);
    assertThat(run.state.reached().meanSize().orElseThrow()).isBetween(0.9 * 3.29, 1.15 * 3.29);
  }

  /** How many queries later the labels of hits and of misses come, and how many times as great scores become. */
  @ParameterizedTest
  @CsvSource({"1000, 0, 1", "1000, 100, 1", "1000, 0, 10", "100, 0, 1", "0, 1000, 1", "100, 1000, 1", "0, 1000, 10", "0, 100, 1"})
  void labelsThatComeLaterForOneOutcomeDoNotMoveItForEver(int hitsLate, int missesLate, int times) {
    Run run = new Run(Conformal.start(MISS), 0, 6);
    Adversary world = (threshold, state, at, random) -> Math.abs(random.nextGaussian()) * (at < 4_000 ? 1 : times);
    for (int round = 0; round < 15_000; round++) {
      run.next(world, hitsLate, missesLate);
    }
    Reached start = run.state.reached();
    run.unbounded = 0;
    run.empty = 0;
    for (int round = 0; round < 25_000; round++) {
      run.next(world, hitsLate, missesLate);
      run.checkBound(Conformal.LATER_STEP, run.latest);
    }
    assertThat(run.unbounded + run.empty).isLessThan(250);
    Reached reached = run.state.reached();
    assertThat((double) (reached.missed() - start.missed()) / (reached.labels() - start.labels())).isBetween(MISS - .01, MISS + .01);
  }

  @Test
  void belowTenLabelsEverythingIsLetInWhereATenthMayBeMissed() {
    Conformal state = Conformal.start(0.1);
    for (int label = 0; label < 10; label++) {
      assertThat(state.calibrated()).isFalse();
      assertThat(state.threshold()).isInfinite();
      state = state.after(label, state.threshold(), state.calibrated(), 0, 1);
    }
    assertThat(state.calibrated()).isTrue();
    assertThat(state.threshold()).isEqualTo(9);
    assertThat(state.reached()).isEqualTo(Reached.NONE);
    assertThat(state.level()).isEqualTo(0.1);
  }

  @Test
  void asManyScoresAreKeptAsTheCoverageNeeds() {
    Conformal state = Conformal.start(0.001);
    for (int label = 0; label < 999; label++) {
      state = state.after(label, state.threshold(), state.calibrated(), 0, 1);
    }
    assertThat(state.calibrated()).isFalse();

    for (int label = 999; label < 3_000; label++) {
      state = state.after(label % 1_000, state.threshold(), state.calibrated(), 0, 1);
      assertThat(state.calibrated()).isTrue();
    }
    assertThat(state.threshold()).isEqualTo(999);
    assertThat(state.scores().size()).isEqualTo(1_000);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void recentScoresKeepTheLatestInOrder(long seed) {
    RandomGenerator random = new SplittableRandom(seed);
    RecentScores scores = RecentScores.NONE;
    for (int i = 0; i < 3 * RecentScores.CAPACITY; i++) {
      scores = scores.with(random.nextInt(40), RecentScores.CAPACITY);
      assertThat(scores).isEqualTo(RecentScores.of(scores.toList()));
      assertThat(scores.quantile(0.1)).isEqualTo(RecentScores.of(scores.toList()).quantile(0.1));
    }
    assertThat(scores.size()).isEqualTo(RecentScores.CAPACITY);
  }

  /** A stream of queries whose labels come so many queries later. */
  private static final class Run {
    private record Pending(double score, double threshold, boolean calibrated, long labels) {}

    private final RandomGenerator random;
    private final int delay;
    private final List<Pending> pending = new ArrayList<>();
    private final Map<Integer, List<Pending>> byRound = new HashMap<>();
    private Conformal state;
    private boolean shuffled;
    private int round;
    private int unbounded;
    private int empty;
    private long latest;

    Run(Conformal start, int delay, long seed) {
      this.state = start;
      this.delay = delay;
      this.random = new SplittableRandom(seed);
    }

    /** Any of those that are out is next, and one in ten never comes. */
    Run shuffled() {
      shuffled = true;
      return this;
    }

    void next(Adversary adversary) {
      pending.add(promise(adversary));
      round++;
      if (pending.size() > delay) {
        Pending due = pending.remove(shuffled ? random.nextInt(pending.size()) : 0);
        if (!shuffled || random.nextInt(10) > 0) {
          observe(due);
        }
      }
    }

    /** Where the labels of hits and of misses come so many queries later each. */
    void next(Adversary adversary, int hitsLate, int missesLate) {
      Pending made = promise(adversary);
      byRound.computeIfAbsent(round + (made.score > made.threshold ? missesLate : hitsLate), at -> new ArrayList<>()).add(made);
      byRound.getOrDefault(round, List.of()).forEach(this::observe);
      byRound.remove(round);
      round++;
    }

    private Pending promise(Adversary adversary) {
      double threshold = state.threshold();
      unbounded += threshold == Double.POSITIVE_INFINITY ? 1 : 0;
      empty += threshold == Double.NEGATIVE_INFINITY ? 1 : 0;
      return new Pending(adversary.score(threshold, state, round, random), threshold, state.calibrated(), state.labels());
    }

    private void observe(Pending due) {
      long lateness = state.labels() - due.labels;
      latest = Math.max(latest, lateness);
      state = state.after(due.score, due.threshold, due.calibrated, lateness, 2 * due.threshold);
    }

    /** |1/T Σ err − α| ≤ (max{α, 1 − α} + γ (D + 1)) / (γ T). */
    void checkBound(double step, long late) {
      Reached reached = state.reached();
      double bound = (Math.max(MISS, 1 - MISS) + step * (late + 1)) / (step * reached.labels());
      if (reached.labels() > 0 && Math.abs((double) reached.missed() / reached.labels() - MISS) > bound + 1e-9) {
        throw new AssertionError("after %d labels %d were missed, beyond %s".formatted(reached.labels(), reached.missed(), bound));
      }
    }
  }
}
