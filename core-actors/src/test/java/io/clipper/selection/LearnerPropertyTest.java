package io.clipper.selection;

import static org.assertj.core.api.Assertions.assertThat;

import io.clipper.model.ModelId;
import io.clipper.selection.Observation.Judged;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What holds after every one of a million steps, or with {@code -Dthorough} of a million for each policy, whatever the losses, the
 * probabilities, the features, and who comes and goes.
 */
class LearnerPropertyTest {
  private static final int STEPS = World.THOROUGH ? 500_000 : 22_000;

  /** Versions that are there at once: of more, the oldest goes. */
  private static final int MOST = 12;

  private static final double[] PROBABILITIES = {1, 0.5, 0.01, 1e-9, 1e-300, Double.MIN_VALUE};

  static Stream<Arguments> policiesAndSeeds() {
    List<PolicySettings> settings = new ArrayList<>();
    Policies.names().forEach(name -> settings.add(new PolicySettings(name)));
    settings.add(new PolicySettings("exp3", Map.of("eta", 1e6)));
    settings.add(new PolicySettings("exp4", Map.of("eta", Double.MIN_VALUE)));
    settings.add(new PolicySettings("fixed-share", Map.of("eta", 1e6, "share", 0.0)));
    settings.add(new PolicySettings("fixed-share", Map.of("share", 1.0)));
    settings.add(new PolicySettings("exp3-ix", Map.of("eta", 1e6)));
    settings.add(new PolicySettings("thompson", Map.of("discount", 0.5)));
    settings.add(new PolicySettings("thompson-gaussian", Map.of("discount", Double.MIN_VALUE)));
    settings.add(new PolicySettings("ucb1", Map.of("exploration", 0.0)));
    settings.add(new PolicySettings("epsilon-greedy", Map.of("epsilon", 0.0)));
    return settings.stream().flatMap(one -> Stream.of(1L, 2L).map(seed -> Arguments.of(one, seed)));
  }

  @ParameterizedTest
  @MethodSource("policiesAndSeeds")
  void aDistributionSumsToOneAfterEveryStep(PolicySettings settings, long seed) {
    RandomGenerator random = World.random(seed);
    List<ModelId> all = new ArrayList<>(World.models(6));
    List<ModelId> candidates = List.copyOf(all);
    Learner learner = Learner.start(settings);
    for (int step = 0; step < STEPS; step++) {
      if (random.nextInt(200) == 0) {
        candidates = someOf(all, random);
        learner = learner.admit(candidates, Map.of(candidates.getFirst(), candidates.getLast()));
      }
      if (random.nextInt(2_000) == 0) {
        all.add(new ModelId("m" + random.nextInt(6), "v" + step));
        if (all.size() > MOST) {
          ModelId gone = all.removeFirst();
          candidates = someOf(all, random);
          learner = learner.forget(gone).admit(candidates, Map.of());
        }
      }
      Features features = features(random);
      checkSelection(learner.select(candidates, features, 1 + random.nextInt(8), 0, random), candidates);
      learner = learner.observe(new Observation(judged(candidates, random), candidates).at(features));
      if (step % 50 == 0 || Policies.of(settings).propensity() != Propensity.ESTIMATED) { // to estimate them takes long
        checkWeights(learner, candidates, features);
      }
    }
  }

  private static void checkWeights(Learner learner, List<ModelId> candidates, Features features) {
    double sum = 0;
    boolean valid = true;
    for (double weight : learner.weights(candidates, features).values()) {
      valid &= weight >= 0 && weight <= 1 + 1e-12;
      sum += weight;
    }
    if (!valid || !(Math.abs(sum - 1) < 1e-9)) {
      assertThat(learner.weights(candidates, features)).as("shares of %s", learner).isEmpty();
    }
  }

  private static void checkSelection(Selection selection, List<ModelId> candidates) {
    boolean valid = !selection.asked().isEmpty();
    for (Selection.Choice choice : selection.asked()) {
      valid &= choice.probability() > 0 && choice.probability() <= 1 && candidates.contains(choice.model());
    }
    assertThat(valid).as("%s of %s", selection, candidates).isTrue();
  }

  /** Some queries say nothing of themselves, some much; one and the same policy has as many numbers each time, or none. */
  private static Features features(RandomGenerator random) {
    return switch (random.nextInt(8)) {
      case 0 -> Features.NONE;
      case 1 -> Features.of(1e4, -1e4, 0);
      default -> Features.of(random.nextGaussian(), random.nextDouble(), random.nextInt(2));
    };
  }

  private static List<ModelId> someOf(List<ModelId> all, RandomGenerator random) {
    List<ModelId> some = new ArrayList<>();
    for (ModelId model : all) {
      if (random.nextInt(3) > 0) {
        some.add(model);
      }
    }
    return some.isEmpty() ? List.of(all.getLast()) : some;
  }

  private static List<Judged> judged(List<ModelId> candidates, RandomGenerator random) {
    List<Judged> judged = new ArrayList<>();
    for (ModelId model : candidates) {
      if (random.nextInt(3) > 0) {
        double loss = random.nextBoolean() ? random.nextInt(2) : random.nextDouble();
        judged.add(new Judged(model, loss, PROBABILITIES[random.nextInt(PROBABILITIES.length)]));
      }
    }
    return judged;
  }
}
