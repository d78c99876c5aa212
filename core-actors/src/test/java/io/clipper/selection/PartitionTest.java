package io.clipper.selection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.clipper.model.ModelId;
import io.clipper.selection.Observation.Judged;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What partitions tell each other may come twice, late, out of order or not at all. */
class PartitionTest {
  private static final List<ModelId> MODELS = World.models(4);
  private static final int PARTITIONS = 3;

  static Stream<String> folded() {
    return named(Sharing.Folded.class);
  }

  static Stream<String> exchanged() {
    return named(Sharing.Exchanged.class);
  }

  private static Stream<String> named(Class<?> sharing) {
    return Policies.names().stream().filter(name -> sharing.isInstance(Policies.of(new PolicySettings(name)).sharing()));
  }

  @ParameterizedTest
  @MethodSource({"folded", "exchanged"})
  void hearingTheSameTwiceChangesNothing(String policy) {
    RandomGenerator random = World.random(1);
    OnePartition one = taught(started(policy), 30, random);
    Contribution told = taught(started(policy), 40, random).told();

    OnePartition heard = one.hear(2, told);

    assertThat(heard.hear(2, told)).isEqualTo(heard);
    assertThat(heard.inUse().state()).isNotEqualTo(one.inUse().state());
    assertThat(heard.inUse().observations()).isEqualTo(70);
  }

  @ParameterizedTest
  @MethodSource({"folded", "exchanged"})
  void somethingOlderThanWhatWasHeardIsNotHeard(String policy) {
    RandomGenerator random = World.random(2);
    OnePartition other = taught(started(policy), 20, random);
    OnePartition later = taught(other, 20, random);

    OnePartition heard = started(policy).hear(2, later.told());

    assertThat(heard.hear(2, other.told())).isEqualTo(heard);
  }

  /** Each tells after every observation; what is told arrives twice, not at all, and shuffled; in the end everybody hears the last. */
  @ParameterizedTest
  @MethodSource("folded")
  void whoeverHeardTheLatestOfAllKnowsTheSame(String policy) {
    RandomGenerator random = World.random(3);
    List<OnePartition> partitions = new ArrayList<>();
    List<List<Contribution>> told = new ArrayList<>();
    for (int i = 0; i < PARTITIONS; i++) {
      partitions.add(started(policy));
      told.add(new ArrayList<>());
    }
    for (int step = 0; step < 400; step++) {
      int teller = random.nextInt(PARTITIONS);
      partitions.set(teller, taught(partitions.get(teller), 1, random));
      told.get(teller).add(partitions.get(teller).told());
      int hearer = random.nextInt(PARTITIONS);
      int of = random.nextInt(PARTITIONS);
      if (hearer != of && !told.get(of).isEmpty()) {
        partitions.set(hearer, partitions.get(hearer).hear(of, told.get(of).get(random.nextInt(told.get(of).size()))));
      }
    }
    List<Learner> all = new ArrayList<>();
    for (int hearer = 0; hearer < PARTITIONS; hearer++) {
      OnePartition informed = partitions.get(hearer);
      for (int i = 1; i < PARTITIONS; i++) {
        int of = (hearer + i) % PARTITIONS;
        informed = informed.hear(of, told.get(of).getLast());
      }
      all.add(informed.inUse());
    }
    for (Learner learner : all) {
      assertThat(learner.observations()).isEqualTo(400);
      assertThat(weights(learner)).containsExactly(weights(all.getFirst()), within(1e-9));
      for (ModelId model : MODELS) {
        Standing same = all.getFirst().standing(model).orElseThrow();
        assertThat(learner.standing(model).orElseThrow().observations()).isEqualTo(same.observations());
        assertThat(learner.standing(model).orElseThrow().lossSum()).isEqualTo(same.lossSum(), within(1e-9));
      }
    }
  }

  /** Whose estimates do not depend on how many rounds there were. */
  static Stream<PolicySettings> additive() {
    return Stream.concat(
        Stream.of("exp4", "exp3", "exp3-ix").map(name -> new PolicySettings(name, Map.of("eta", 0.1))),
        Stream.of("epsilon-greedy", "ucb1", "square-cb").map(PolicySettings::new));
  }

  @ParameterizedTest
  @MethodSource("additive")
  void thePartitionsTogetherKnowWhatOneWouldThatHadSeenAll(PolicySettings policy) {
    RandomGenerator random = World.random(4);
    OnePartition one = OnePartition.start(policy, MODELS);
    OnePartition other = one;
    OnePartition all = one;
    for (int step = 0; step < 300; step++) {
      Observation observation = observation(random);
      all = all.observe(observation);
      if (step % 3 == 0) {
        one = one.observe(observation);
      } else {
        other = other.observe(observation);
      }
    }
    assertThat(one.hear(2, other.told()).weights()).containsExactly(all.weights(), within(1e-9));
  }

  @Test
  void whatIsBelievedCountsOnceHoweverManyPartitionsThereAre() {
    OnePartition one = OnePartition.start(believing(), MODELS);
    OnePartition other = OnePartition.start(believing(), MODELS);

    assertThat(one.weights()[1]).as("believed to be the best").isGreaterThan(.25);
    assertThat(one.hear(2, other.told()).weights()).containsExactly(one.weights(), within(1e-12));
  }

  @Test
  void fixedShareTakesInWhatOthersLostSinceItLastHeard() {
    OnePartition one = started("fixed-share");
    OnePartition other = taught(started("fixed-share"), 50, 1, 0, 1, 1);
    one = one.hear(2, other.told());
    assertThat(one.weights()[1]).isGreaterThan(.9);

    other = taught(other, 50, 0, 1, 1, 1);
    OnePartition later = one.hear(2, other.told());

    assertThat(later.weights()[0]).isGreaterThan(.4);
    assertThat(later.hear(2, other.told())).isEqualTo(later);
  }

  /** A version that was retired loses nothing meanwhile: it must not gain by it, nor take the difference from those who are compared. */
  @Test
  void fixedShareComparesOnlyCandidates() {
    List<ModelId> rest = MODELS.subList(0, 2);
    OnePartition start = taught(started("fixed-share"), 30, .5, .5, 0, .5);
    OnePartition hearer = started("fixed-share").hear(2, start.told());
    Partition narrowed = hearer.partition().follow(hearer.partition().learner(), hearer.partition().own(), rest);
    OnePartition teller = start;
    Partition heard = narrowed;
    for (int i = 0; i < 200; i++) {
      teller = teller.observe(new Observation(World.judged(rest, .8, .2), rest));
      heard = heard.hear(2, teller.told());
    }
    assertThat(heard.inUse().weights(rest).get(rest.get(1))).isGreaterThan(.9);
  }

  @ParameterizedTest
  @MethodSource({"folded", "exchanged"})
  void whatOthersSayOfAModelThatIsNotKnownHereWaitsUntilItIs(String policy) {
    RandomGenerator random = World.random(5);
    List<ModelId> few = MODELS.subList(0, 2);
    Contribution told = taught(started(policy), 40, random).told();
    Partition heard = OnePartition.start(new PolicySettings(policy), few).hear(2, told).partition();
    assertThat(heard.inUse().standings()).extracting(Standing::model).isEqualTo(few);

    Partition all = heard.follow(heard.learner().admit(MODELS, Map.of()), heard.own().admit(MODELS), MODELS);

    assertThat(all.inUse().standing(MODELS.getLast()).orElseThrow().observations())
        .isEqualTo(told.learner().standing(MODELS.getLast()).orElseThrow().observations());
    assertThat(Arrays.stream(weights(all.inUse())).sum()).as("chances").isEqualTo(1, within(1e-9));
  }

  @Test
  void fixedShareDoesNotTrustAModelThatIsNotWhatItWas() {
    OnePartition one = taught(started("fixed-share").hear(2, taught(started("fixed-share"), 5, 1, 0, 1, 1).told()), 50, 1, 0, 1, 1);
    assertThat(one.weights()[1]).isGreaterThan(.9);
    Partition partition = one.partition();

    Partition damped =
        partition.follow(
            partition.learner().damped(MODELS.get(1), MODELS), partition.own().forget(MODELS.get(1)).admit(MODELS), MODELS);

    assertThat(weights(damped.inUse())[1]).isLessThan(.4);
  }

  @Test
  void aModelThatWasForgottenIsHeardOfAfresh() {
    OnePartition teller = taught(started("fixed-share"), 50, 0, 1, 1, 1);
    OnePartition hearer = started("fixed-share").hear(2, teller.told());
    Contribution afresh = teller.told().forget(MODELS.getFirst());
    for (int i = 0; i < 50; i++) {
      afresh = afresh.observe(new Observation(World.judged(MODELS, 1, 0, 1, 1), MODELS));
    }
    assertThat(hearer.hear(2, afresh).weights()[1]).isGreaterThan(.4);
  }

  private static OnePartition started(String policy) {
    return OnePartition.start(new PolicySettings(policy), MODELS);
  }

  /** Of which each model has a predecessor, with losses of its own. */
  private static Learner believing() {
    List<ModelId> before = MODELS.stream().map(model -> new ModelId(model.name(), "0")).toList();
    Learner learner = Learner.start(new PolicySettings("exp4")).admit(before, Map.of());
    for (int i = 0; i < 25; i++) {
      learner = learner.observe(new Observation(World.judged(before, .9, .1, .5, .5), before));
    }
    return learner.admit(MODELS, Map.of(MODELS.get(0), before.get(0), MODELS.get(1), before.get(1), MODELS.get(2), before.get(2), MODELS.get(3), before.get(3)));
  }

  private static OnePartition taught(OnePartition partition, int times, RandomGenerator random) {
    OnePartition next = partition;
    for (int i = 0; i < times; i++) {
      next = next.observe(observation(random));
    }
    return next;
  }

  private static OnePartition taught(OnePartition partition, int times, double... losses) {
    OnePartition next = partition;
    for (int i = 0; i < times; i++) {
      next = next.observe(new Observation(World.judged(MODELS, losses), MODELS));
    }
    return next;
  }

  private static double[] weights(Learner learner) {
    return learner.weights(MODELS).values().stream().mapToDouble(Double::doubleValue).toArray();
  }

  private static Observation observation(RandomGenerator random) {
    List<Judged> judged = new ArrayList<>();
    for (ModelId model : MODELS) {
      if (judged.isEmpty() || random.nextInt(3) > 0) {
        judged.add(new Judged(model, random.nextDouble(), random.nextDouble(.1, 1)));
      }
    }
    return new Observation(judged, MODELS);
  }
}
