package io.clipper.certainty;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConformalTest {
  private static final int ROUNDS = 10_000;

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

  static Stream<Arguments> adversaries() {
    return Stream.of(Kind.values())
        .flatMap(kind -> Stream.of(0, 100, 1_000).flatMap(delay -> Stream.of(0.02, 0.005).map(step -> Arguments.of(kind, delay, step))));
  }

  @ParameterizedTest
  @MethodSource("adversaries")
  void noSequenceMovesTheShareOfMissesBeyondTheBound(Kind kind, int delay, double step) {
    double miss = 0.1;
    Run run = new Run(Conformal.start(miss, step, step), delay, 1);
    double damped = step / (1 + 2 * step * delay);
    for (int round = 0; round < ROUNDS; round++) {
      run.next(kind);
      Reached reached = run.state.reached();
      double bound = (Math.max(miss, 1 - miss) + damped * (delay + 1)) / (damped * reached.labels());
      if (reached.labels() > 0 && Math.abs((double) reached.missed() / reached.labels() - miss) > bound + 1e-9) {
        throw new AssertionError("after %d labels %d were missed, beyond %s".formatted(reached.labels(), reached.missed(), bound));
      }
    }
    assertThat(run.state.reached().labels()).isGreaterThan(ROUNDS - 2 * delay - 20);
  }

  @ParameterizedTest
  @MethodSource("adversaries")
  void norWhereTheStepsShrink(Kind kind, int delay, double unused) {
    double miss = 0.1;
    Run run = new Run(Conformal.start(miss), delay, 2);
    for (int round = 0; round < ROUNDS; round++) {
      run.next(kind);
    }
    double first = Conformal.FIRST_STEP / (1 + 2 * Conformal.FIRST_STEP * delay);
    double later = Conformal.LATER_STEP / (1 + 2 * Conformal.LATER_STEP * delay);
    double bound = (1 - miss + first * (delay + 1)) / first + (1 + (first + later) * (delay + 1)) / later;
    Reached reached = run.state.reached();
    assertThat(Math.abs(reached.missed() - miss * reached.labels())).isLessThan(bound);
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
    private final Queue<Pending> pending = new ArrayDeque<>();
    private Conformal state;
    private int round;
    private int unbounded;

    Run(Conformal start, int delay, long seed) {
      this.state = start;
      this.delay = delay;
      this.random = new SplittableRandom(seed);
    }

    void next(Adversary adversary) {
      double threshold = state.threshold();
      unbounded += threshold == Double.POSITIVE_INFINITY ? 1 : 0;
      pending.add(new Pending(adversary.score(threshold, state, round, random), threshold, state.calibrated(), state.labels()));
      round++;
      if (pending.size() > delay) {
        Pending due = pending.remove();
        state = state.after(due.score, due.threshold, due.calibrated, state.labels() - due.labels, 2 * due.threshold);
      }
    }
  }
}
