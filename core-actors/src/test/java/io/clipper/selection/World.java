package io.clipper.selection;

import io.clipper.model.ModelId;
import io.clipper.selection.Observation.Judged;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/** Models that are right with known chances, which change once: what regret is measured on. */
final class World {
  private static final double[] FIVE = {.9, .85, .8, .7, .6};

  /** Five models that stay as they are. */
  static final World S1 = new World(FIVE, 10_000, 10_000);

  /** The best of them breaks half-way, and recovers. */
  static final World S2 = new World(new double[] {.3, .85, .8, .7, .6}, 5_000, 15_000);

  private static final int RUNS = 30;

  private final double[] broken;
  private final int breaksAt;
  private final int rounds;

  private World(double[] broken, int breaksAt, int rounds) {
    this.broken = broken;
    this.breaksAt = breaksAt;
    this.rounds = rounds;
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
    double sum = 0;
    for (int run = 0; run < RUNS; run++) {
      sum += regret(policy, random(run));
    }
    return sum / RUNS;
  }

  private <S extends PolicyState> double regret(SelectionPolicy<S> policy, RandomGenerator random) {
    List<ModelId> models = models(FIVE.length);
    S state = admitted(policy, models);
    double regret = 0;
    for (int round = 0; round < rounds; round++) {
      double[] chances = round >= breaksAt && round < breaksAt + 5_000 ? broken : FIVE;
      double[] weights = policy.weights(state, models, noneYoung(models.size()));
      Selection selection = policy.select(models, weights, models.size(), random);
      List<Judged> judged = new ArrayList<>(models.size());
      for (Selection.Choice choice : selection.asked()) {
        int arm = models.indexOf(choice.model());
        judged.add(new Judged(choice.model(), random.nextDouble() < chances[arm] ? 0 : 1, choice.probability()));
        regret += (selection.played().isPresent() ? 1 : weights[arm]) * (Shares.max(chances) - chances[arm]);
      }
      state = policy.observe(state, new Observation(judged, models));
    }
    return regret;
  }
}
