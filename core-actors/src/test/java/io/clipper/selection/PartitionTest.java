package io.clipper.selection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.clipper.model.ModelId;
import io.clipper.selection.Observation.Judged;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What partitions tell each other may come twice, late, out of order or not at all. */
class PartitionTest {
  private static final List<ModelId> MODELS = World.models(4);
  private static final int PARTITIONS = 3;

  static Stream<SelectionPolicy<?>> folded() {
    return Policies.names().stream()
        .<SelectionPolicy<?>>map(name -> Policies.of(new PolicySettings(name)))
        .filter(policy -> policy.sharing() instanceof Sharing.Folded);
  }

  static Stream<SelectionPolicy<?>> exchanged() {
    return Stream.of(new FixedShare(0.3, 1e-3));
  }

  @ParameterizedTest
  @MethodSource({"folded", "exchanged"})
  void hearingTheSameTwiceChangesNothing(SelectionPolicy<?> policy) {
    checkTwice(policy);
  }

  @ParameterizedTest
  @MethodSource("folded")
  void whoeverHeardTheLatestOfAllKnowsTheSame(SelectionPolicy<?> policy) {
    checkAnyOrder(policy);
  }

  @ParameterizedTest
  @MethodSource({"folded", "exchanged"})
  void somethingOlderThanWhatWasHeardIsNotHeard(SelectionPolicy<?> policy) {
    checkOlder(policy);
  }

  @Test
  void thePartitionsTogetherKnowWhatOneWouldThatHadSeenAll() {
    checkAsOne(new Exp4(0.1), new Exp3(0.1), new Exp3Ix(0.1), new EpsilonGreedy(0.1), new Ucb1(2), new SquareCb(10, 0.5));
  }

  @Test
  void whatIsBelievedCountsOnceHoweverManyPartitionsThereAre() {
    Exp4 policy = new Exp4(0.1);
    Partition<RelativeLosses> one = Partition.start(policy).admit(List.of(), priors(.9, .1, .5, .5));
    Partition<RelativeLosses> other = Partition.start(policy).admit(List.of(), priors(.9, .1, .5, .5));
    double[] alone = policy.weights(one.inUse(), MODELS, new boolean[4]);
    assertThat(policy.weights(one.hear(2, other.told()).inUse(), MODELS, new boolean[4])).containsExactly(alone, within(1e-12));
  }

  @Test
  void fixedShareTakesInWhatOthersLostSinceItLastHeard() {
    FixedShare policy = new FixedShare(0.3, 1e-3);
    Partition<FixedShare.LogWeights> one = started(policy);
    Partition<FixedShare.LogWeights> other = started(policy);
    for (int round = 0; round < 50; round++) {
      other = other.observe(new Observation(World.judged(MODELS, 1, 0, 1, 1), MODELS));
    }
    one = one.hear(2, other.told());
    double share = policy.weights(one.inUse(), MODELS, new boolean[4])[1];
    assertThat(share).isGreaterThan(.9);
    for (int round = 0; round < 50; round++) {
      other = other.observe(new Observation(World.judged(MODELS, 0, 1, 1, 1), MODELS));
    }
    one = one.hear(2, other.told());
    assertThat(policy.weights(one.inUse(), MODELS, new boolean[4])[0]).isGreaterThan(.4);
    assertThat(policy.weights(one.hear(2, other.told()).inUse(), MODELS, new boolean[4]))
        .isEqualTo(policy.weights(one.inUse(), MODELS, new boolean[4]));
  }

  private static <S extends PolicyState> void checkTwice(SelectionPolicy<S> policy) {
    RandomGenerator random = World.random(1);
    Partition<S> one = taught(started(policy), 30, random);
    Told told = taught(started(policy), 40, random).told();
    Partition<S> heard = one.hear(2, told);
    assertThat(heard.hear(2, told)).isEqualTo(heard);
    assertThat(heard.inUse()).as(policy.name()).isNotEqualTo(one.inUse());
  }

  private static <S extends PolicyState> void checkOlder(SelectionPolicy<S> policy) {
    RandomGenerator random = World.random(2);
    Partition<S> other = taught(started(policy), 20, random);
    Partition<S> later = taught(other, 20, random);
    Partition<S> heard = started(policy).hear(2, later.told());
    assertThat(heard.hear(2, other.told())).isEqualTo(heard);
  }

  /** Each tells after every observation; what is told arrives twice, not at all, and shuffled; in the end everybody hears the last. */
  private static <S extends PolicyState> void checkAnyOrder(SelectionPolicy<S> policy) {
    RandomGenerator random = World.random(3);
    List<Partition<S>> partitions = new ArrayList<>();
    List<List<Told>> told = new ArrayList<>();
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
    List<double[]> weights = new ArrayList<>();
    for (int hearer = 0; hearer < PARTITIONS; hearer++) {
      Partition<S> all = partitions.get(hearer);
      for (int i = 1; i < PARTITIONS; i++) {
        int of = (hearer + i) % PARTITIONS;
        all = all.hear(of, told.get(of).getLast());
      }
      weights.add(policy.weights(all.inUse(), MODELS, new boolean[4]));
    }
    assertThat(weights.get(1)).as(policy.name()).containsExactly(weights.get(0), within(1e-9));
    assertThat(weights.get(2)).as(policy.name()).containsExactly(weights.get(0), within(1e-9));
  }

  private static void checkAsOne(SelectionPolicy<?>... policies) {
    for (SelectionPolicy<?> policy : policies) {
      checkAsOne(policy);
    }
  }

  private static <S extends PolicyState> void checkAsOne(SelectionPolicy<S> policy) {
    RandomGenerator random = World.random(4);
    Partition<S> one = started(policy);
    Partition<S> other = started(policy);
    Partition<S> all = started(policy);
    for (int step = 0; step < 300; step++) {
      Observation observation = observation(random);
      all = all.observe(observation);
      if (step % 3 == 0) {
        one = one.observe(observation);
      } else {
        other = other.observe(observation);
      }
    }
    double[] together = policy.weights(one.hear(2, other.told()).inUse(), MODELS, new boolean[4]);
    assertThat(together).as(policy.name()).containsExactly(policy.weights(all.inUse(), MODELS, new boolean[4]), within(1e-9));
  }

  private static <S extends PolicyState> Partition<S> started(SelectionPolicy<S> policy) {
    return Partition.start(policy).admit(List.of(), priors(0, 0, 0, 0));
  }

  private static List<Prior> priors(double... means) {
    List<Prior> priors = new ArrayList<>();
    for (int i = 0; i < means.length; i++) {
      priors.add(new Prior(MODELS.get(i), means[i], means[i] > 0 ? 20 : 0, .5));
    }
    return priors;
  }

  private static <S extends PolicyState> Partition<S> taught(Partition<S> partition, int times, RandomGenerator random) {
    Partition<S> next = partition;
    for (int i = 0; i < times; i++) {
      next = next.observe(observation(random));
    }
    return next;
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
