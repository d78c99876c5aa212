package io.clipper.selection;

import io.clipper.model.ModelId;
import io.clipper.selection.Observation.Judged;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.IntFunction;
import java.util.random.RandomGenerator;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/**
 * Models that are right with known chances: what regret is measured on. Thirty seeded runs, or with {@code -Dthorough} a hundred, as many as
 * the figures they are compared with rest on.
 */
final class World {
  private static final double[] FIVE = {.9, .85, .8, .7, .6};
  private static final double[] BEST_BROKEN = {.3, .85, .8, .7, .6};
  /** Whether the time does not matter. */
  static final boolean THOROUGH = System.getProperty("thorough") != null;

  static final int RUNS = THOROUGH ? 100 : 30;

  /** Five models that stay as they are. */
  static final World S1 = new World(10_000, 0, 1, RUNS, round -> FIVE);

  /** The same, not so long. */
  static final World SHORT = new World(2_000, 0, 1, RUNS, round -> FIVE);

  /** The best of them breaks half-way, and recovers. */
  static final World S2 = new World(15_000, 0, 1, RUNS, round -> round >= 5_000 && round < 10_000 ? BEST_BROKEN : FIVE);

  /** Eight models whose losses rise and fall together in ever longer phases, the first always an eighth better than the others. */
  static final World S3 = new World(20_000, 0, 1, RUNS, World::tide);

  /** Several tests ask for the same one. */
  private static final Map<List<Object>, double[]> KNOWN = new ConcurrentHashMap<>();

  private final int rounds;
  private final int delay;
  private final double labelled;
  private final int runs;
  private final IntFunction<double[]> chances;

  private World(int rounds, int delay, double labelled, int runs, IntFunction<double[]> chances) {
    this.rounds = rounds;
    this.delay = delay;
    this.labelled = labelled;
    this.runs = runs;
    this.chances = chances;
  }

  /** The same where each round's losses are known so many rounds later. */
  World delayed(int by) {
    return new World(rounds, by, labelled, runs, chances);
  }

  /** The same in so many runs. */
  World runs(int count) {
    return new World(rounds, delay, labelled, count, chances);
  }

  /** The same where all models are judged in a share of the rounds only, by chance. */
  World labelled(double share) {
    return new World(rounds, delay, share, runs, chances);
  }

  private static double[] tide(int round) {
    int phase = 0;
    for (double end = 1; round >= end; end += Math.pow(1.6, phase)) {
      phase++;
    }
    double base = phase % 2 == 1 ? 0 : 7.0 / 8;
    double[] right = new double[8];
    Arrays.fill(right, 1 - base - 1.0 / 8);
    right[0] = 1 - base;
    return right;
  }

  static List<ModelId> models(int count) {
    List<ModelId> models = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      models.add(new ModelId("m" + i, "1"));
    }
    return models;
  }

  static List<Judged> judged(List<ModelId> models, double... losses) {
    List<Judged> judged = new ArrayList<>();
    for (int i = 0; i < losses.length; i++) {
      judged.add(new Judged(models.get(i), losses[i], 1));
    }
    return judged;
  }

  static RandomGenerator random(long seed) {
    return new SplittableRandom(seed);
  }

  static boolean[] noneYoung(int count) {
    return new boolean[count];
  }

  static <S extends PolicyState> S admitted(SelectionPolicy<S> policy, List<ModelId> models) {
    return policy.admit(policy.start(), List.of(), models.stream().map(model -> new Prior(model, 0, 0, 0)).toList());
  }

  /** The mean over seeded runs of what was lost more, in expectation, than the best model of each round would have lost. */
  <S extends PolicyState> double meanRegret(SelectionPolicy<S> policy) {
    return regrets(policy).average().orElseThrow();
  }

  /** Each run's. */
  <S extends PolicyState> DoubleStream regrets(SelectionPolicy<S> policy) {
    return Arrays.stream(
        KNOWN.computeIfAbsent(
            List.of(this, policy), key -> IntStream.range(0, runs).parallel().mapToDouble(run -> regret(policy, random(run))).toArray()));
  }

  private <S extends PolicyState> double regret(SelectionPolicy<S> policy, RandomGenerator random) {
    List<ModelId> models = models(chances.apply(0).length);
    boolean[] young = noneYoung(models.size());
    Deque<Observation> underway = new ArrayDeque<>();
    S state = admitted(policy, models);
    double regret = 0;
    for (int round = 0; round < rounds; round++) {
      double[] now = chances.apply(round);
      Selection selection = policy.select(state, models, young, Features.NONE, models.size(), random);
      regret += regret(selection, models, now);
      Observation seen = observed(selection, models, now, random);
      if (labelled == 1) {
        underway.add(seen);
      } else if (random.nextDouble() < labelled) {
        underway.add(new Observation(seen.judged().stream().map(one -> new Judged(one.model(), one.loss(), one.probability() * labelled)).toList(), models));
      }
      if (underway.size() > delay) {
        state = policy.observe(state, underway.remove());
      }
    }
    return regret;
  }

  /** Of two partitions that take turns, and hear of each other every so many rounds. */
  double meanSharedRegret(PolicySettings policy, int every) {
    return IntStream.range(0, runs).parallel().mapToDouble(run -> sharedRegret(policy, every, random(run))).average().orElseThrow();
  }

  private double sharedRegret(PolicySettings policy, int every, RandomGenerator random) {
    List<ModelId> models = models(chances.apply(0).length);
    List<OnePartition> partitions = new ArrayList<>(List.of(OnePartition.start(policy, models), OnePartition.start(policy, models)));
    double regret = 0;
    for (int round = 0; round < rounds; round++) {
      OnePartition asked = partitions.get(round % 2);
      double[] now = chances.apply(round);
      Selection selection = asked.inUse().select(models, models.size(), random);
      regret += regret(selection, models, now);
      partitions.set(round % 2, asked.observe(observed(selection, models, now, random)));
      if (round % every == every - 1) {
        Contribution first = partitions.get(0).told();
        partitions.set(0, partitions.get(0).hear(1, partitions.get(1).told()));
        partitions.set(1, partitions.get(1).hear(0, first));
      }
    }
    return regret;
  }

  static double regret(Selection selection, List<ModelId> models, double[] chances) {
    double regret = 0;
    for (Selection.Choice choice : selection.asked()) {
      double gap = Shares.max(chances) - chances[models.indexOf(choice.model())];
      regret += (selection.played().isPresent() ? 1 : choice.weight()) * gap;
    }
    return regret;
  }

  static Observation observed(Selection selection, List<ModelId> models, double[] chances, RandomGenerator random) {
    List<Judged> judged = new ArrayList<>(models.size());
    for (Selection.Choice choice : selection.asked()) {
      double chance = chances[models.indexOf(choice.model())];
      judged.add(new Judged(choice.model(), random.nextDouble() < chance ? 0 : 1, choice.probability()));
    }
    return new Observation(judged, models);
  }
}
