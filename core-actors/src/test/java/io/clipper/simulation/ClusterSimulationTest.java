package io.clipper.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.clipper.batch.RateMatched;
import io.clipper.simulation.Cluster.Asker;
import io.clipper.simulation.Cluster.Outcome;
import io.clipper.simulation.Cluster.Served;
import io.clipper.simulation.Cluster.Setting;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Routing, copies, shares and batches together, under queries that may take 50 ms. */
class ClusterSimulationTest {
  private static final double SLO_MILLIS = 50;
  private static final long GOLDEN_TRACE = -4095527297348214183L;

  @ParameterizedTest
  @ValueSource(longs = {1, 2})
  void aSeedGivesOneTrace(long seed) {
    assertThat(ensemble(ensembleOf(3), seed)).isEqualTo(ensemble(ensembleOf(3), seed));
    assertThat(ensemble(ensembleOf(3), seed).trace()).isNotEqualTo(ensemble(ensembleOf(3), seed + 1).trace());
  }

  /** Of each replica that was chosen, each copy, each batch and what was in it. Whoever means to change what is decided changes this. */
  @Test
  void theTraceOfASeedIsTheSameOnEveryMachine() {
    assertThat(ensemble(ensembleOf(10), 1).trace()).isEqualTo(GOLDEN_TRACE);
  }

  /**
   * Four models, whose batches stall for 100 ms once in a hundred times: one query of twenty-five meets one. While it is as fast as the others
   * the local replica is asked, so that a few flights stand behind the one that stalls.
   */
  @ParameterizedTest(name = "{0} replicas")
  @CsvSource({"3, .55", "10, .45"})
  void anEnsembleIsAnsweredByItsDeadlineAndCopiesMakeItComplete(int replicas, double ofThoseWithoutCopies) {
    Outcome outcome = ensemble(ensembleOf(replicas), 1);
    Outcome withoutCopies = ensemble(ensembleOf(replicas).withoutCopies(), 1);
    Served served = outcome.served().getFirst();

    assertThat(served.longestMillis()).isLessThanOrEqualTo(SLO_MILLIS);
    assertThat(served.meanMillis()).isLessThan(0.1 * SLO_MILLIS);
    assertThat(withoutCopies.served().getFirst().incomplete()).isGreaterThan(0.03);
    assertThat(served.incomplete()).isLessThan(ofThoseWithoutCopies * withoutCopies.served().getFirst().incomplete());
    assertThat((double) outcome.copies() / outcome.flights()).isBetween(0.01, 0.05);
    assertThat(withoutCopies.copies()).isZero();
  }

  /** A model that does 1600 rows a second, asked for a multiple of that by one, from the start or from a moment on, and for 100 by another. */
  @ParameterizedTest(name = "{0}/s, from the start: {1}")
  @CsvSource({"3200, true", "6400, true", "12800, true", "3200, false", "6400, false", "12800, false"})
  void aQuietApplicationIsServedBesideALoudOne(double loud, boolean fromTheStart) {
    Setting setting = new Setting(1, 1, SLO_MILLIS, false, true);
    Outcome shared = loudAndQuiet(setting, loud, fromTheStart);
    Outcome unshared = loudAndQuiet(setting.withoutShares(), loud, fromTheStart);

    assertThat(shared.served().getLast().incomplete()).isLessThan(0.04);
    assertThat(unshared.served().getLast().incomplete()).isGreaterThan(0.35);
    assertThat(complete(shared)).isGreaterThan((long) (0.85 * complete(unshared)));
  }

  private static long complete(Outcome outcome) {
    return outcome.served().stream().mapToLong(Served::complete).sum();
  }

  private static Outcome loudAndQuiet(Setting setting, double loud, boolean fromTheStart) {
    Arrivals much = Arrivals.poisson(loud, new Random(1));
    Asker loudOne = fromTheStart
        ? new Asker(much, (long) (20 * loud))
        : new Asker(Arrivals.poisson(500, new Random(2)).until(5, much), (long) (5 * 500 + 15 * loud));
    Asker quietOne = new Asker(Arrivals.poisson(100, new Random(3)), 20 * 100);
    return Cluster.run(
        setting, random -> SimulatedModel.affine(5, 0.5).noisy(0.02, random), ClusterSimulationTest::rateMatched, 1, loudOne, quietOne);
  }

  private static Setting ensembleOf(int replicas) {
    return new Setting(4, replicas, SLO_MILLIS, true, true);
  }

  private static Outcome ensemble(Setting setting, long seed) {
    return Cluster.run(
        setting,
        random -> SimulatedModel.affine(2, 0.1).noisy(0.02, random).stalling(0.01, 100, random),
        ClusterSimulationTest::rateMatched,
        seed,
        new Asker(Arrivals.poisson(200, new Random(seed)), 40_000));
  }

  private static RateMatched rateMatched() {
    return new RateMatched(1024, Duration.ofMillis((long) SLO_MILLIS / 2));
  }
}
