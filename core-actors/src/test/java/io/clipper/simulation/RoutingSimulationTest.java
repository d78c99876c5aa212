package io.clipper.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.clipper.replica.Hedging;
import io.clipper.replica.ReplicaLoad;
import io.clipper.replica.Routing;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RoutingSimulationTest {
  private static final double LOAD = 0.9;

  /** Serves one query at a time, in the order in which they came. */
  private static final class Server implements Routing.Candidate {
    private final ReplicaLoad load = new ReplicaLoad();
    private long freeAt;

    @Override
    public ReplicaLoad load() {
      return load;
    }

    @Override
    public boolean local() {
      return true;
    }
  }

  @Test
  void ofTwoByChanceTheQueuesHaveTheTailOfTheory() {
    int servers = 500;
    long queries = 600_000;
    long warmUp = 200_000;
    Random random = new Random(1);
    Simulation simulation = new Simulation();
    List<Server> all = new ArrayList<>();
    for (int i = 0; i < servers; i++) {
      all.add(new Server());
    }
    long[] atLeast = new long[5];
    long[] samples = new long[1];
    long now = 0;
    for (long query = 0; query < queries; query++) {
      now += (long) (-Math.log(1 - random.nextDouble()) * 1e6 / (LOAD * servers));
      boolean counted = query >= warmUp && query % 200 == 0;
      simulation.at(
          now,
          () -> {
            if (counted) {
              samples[0]++;
              count(all, atLeast);
            }
            arrive(simulation, all, random);
          });
      if (query % 1000 == 999) {
        simulation.runUntil(now);
      }
    }
    simulation.run();

    for (int k = 1; k <= 4; k++) {
      double theory = Math.pow(LOAD, Math.pow(2, k) - 1);
      assertThat((double) atLeast[k] / (samples[0] * servers)).as("queues of at least %d", k).isCloseTo(theory, Percentage.withPercentage(15));
    }
  }

  private static void count(List<Server> all, long[] atLeast) {
    for (Server server : all) {
      for (int k = 1; k <= Math.min(4, server.load.outstanding()); k++) {
        atLeast[k]++;
      }
    }
  }

  private static void arrive(Simulation simulation, List<Server> all, Random random) {
    long now = simulation.nowNanos();
    Server server = Routing.choose(all, now, random).orElseThrow();
    int held = server.load.sent(now);
    server.freeAt = Math.max(server.freeAt, now) + (long) (-Math.log(1 - random.nextDouble()) * 1e6);
    simulation.at(server.freeAt, () -> server.load.answered(simulation.nowNanos(), held, simulation.nowNanos() - now));
  }

  /** 99 of 100 queries take 1 ms, one takes 100 ms; two replicas that are asked every 10 ms. */
  @Test
  void copiesCutTheTailForAHandfulOfExtraQueries() {
    long queries = 2_000_000;
    Random random = new Random(1);
    Hedging hedging = new Hedging();
    long late = 0;
    long copies = 0;
    for (long query = 0; query < queries; query++) {
      hedging.sent(0, 2);
      double first = time(random);
      double took = first;
      double delay = hedging.delayNanos().isEmpty() ? Double.MAX_VALUE : hedging.delayNanos().getAsLong();
      if (first > delay && hedging.mayCopy()) {
        copies++;
        took = Math.min(first, delay + time(random));
      }
      hedging.answered((long) took);
      late += took >= 100e6 ? 1 : 0;
    }

    assertThat((double) late / queries).isLessThanOrEqualTo(1.5e-4);
    assertThat((double) copies / queries).isLessThanOrEqualTo(0.02);
  }

  @Test
  void copiesNeverExceedTheirBudget() {
    Hedging resting = new Hedging();
    int copies = 0;
    for (int i = 0; i < 100_000; i++) {
      resting.sent(1, 2);
      copies += resting.mayCopy() ? 1 : 0;
    }
    assertThat(copies).isBetween(4900, 5000);
  }

  /** Each flight finds both of two replicas busy, or neither, so that their load is as uncertain as it can be. */
  @ParameterizedTest
  @CsvSource({"0.8, 1", "0.8, 2", "0.8, 3", "0.9, 4", "0.9, 5"})
  void thereAreNoCopiesUnderLoad(double load, long seed) {
    Random random = new Random(seed);
    Hedging busy = new Hedging();
    int copies = 0;
    for (int i = 0; i < 100_000; i++) {
      busy.sent(random.nextDouble() < load ? 2 : 0, 2);
      copies += i > 100 && busy.mayCopy() ? 1 : 0;
    }
    assertThat(copies).isZero();
  }

  @Test
  void copiesBeginAgainWhenTheLoadIsGone() {
    Hedging hedging = new Hedging();
    int copies = 0;
    for (int i = 0; i < 20_000; i++) {
      hedging.sent(i < 10_000 ? 2 : 0, 2);
      boolean copied = hedging.mayCopy();
      assertThat(copied && i < 10_000).as("flight %d", i).isFalse();
      copies += copied ? 1 : 0;
    }
    assertThat(copies).isBetween(450, 520);
  }

  private static double time(Random random) {
    return random.nextInt(100) == 0 ? 100e6 : 1e6;
  }
}
