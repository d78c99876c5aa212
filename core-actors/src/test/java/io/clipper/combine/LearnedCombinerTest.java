package io.clipper.combine;

import static io.clipper.combine.Ballots.model;
import static io.clipper.combine.Ballots.vote;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.annotation.JsonAutoDetect.Visibility;
import com.fasterxml.jackson.annotation.PropertyAccessor;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.cbor.CBORFactory;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import com.fasterxml.jackson.module.paramnames.ParameterNamesModule;
import io.clipper.model.ClassProbabilities;
import io.clipper.model.ModelId;
import io.clipper.model.Output;
import java.io.IOException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LearnedCombinerTest {
  private static final List<ObjectMapper> MAPPERS =
      List.of(
          new ObjectMapper().registerModules(new Jdk8Module(), new ParameterNamesModule()),
          new ObjectMapper(new CBORFactory())
              .setVisibility(PropertyAccessor.FIELD, Visibility.ANY)
              .registerModules(new Jdk8Module(), new ParameterNamesModule()));

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void bayesianAveragingLosesAtMostTheLogarithmOfTheirNumberToTheBestModel(long seed) {
    RandomGenerator random = new SplittableRandom(seed);
    int size = 2 + random.nextInt(5);
    LearnedCombiner combiner = LearnedCombiner.start(new CombinerSettings("bayesian-average", Map.of("forgetting", 1.0), false));
    double own = 0;
    double[] sums = new double[size];
    for (int round = 0; round < 1_000; round++) {
      Map<ModelId, Output> outputs = new LinkedHashMap<>();
      String label = random.nextInt(3) == 0 ? "a" : "b";
      for (int i = 0; i < size; i++) {
        double p = 0.01 + 0.98 * (seed % 2 == 0 ? random.nextDouble() : (round / 100 + i) % 2);
        outputs.put(model(i), sure(p));
        sums[i] -= Math.log(label.equals("a") ? p : 1 - p);
      }
      own -= Math.log(pool(combiner, outputs).of(label));
      combiner = combiner.observe(Labelled.of(outputs, label, false));
      double best = Arrays.stream(sums).min().orElseThrow();
      assertThat(own - best).isLessThan(Math.log(size) + 1e-6);
    }
  }

  @Test
  void bayesianAveragingTurnsToTheModelThatIsRight() {
    LearnedCombiner combiner = taught("bayesian-average", false, 200, 1);
    assertThat(combiner.combiner().combine(ballot(Map.of(model(0), sure(.9), model(1), sure(.2), model(2), sure(.2)))).orElseThrow().output().label())
        .contains("a");
    assertThat(weight(combiner, 0)).isGreaterThan(.99);
  }

  @ParameterizedTest
  @CsvSource({"1,1", "1e-6,1e6", "1e6,0"})
  void averagingAndStackingOfNumbersDoNotDependOnTheirUnitOrOffset(double unit, double offset) {
    for (String name : List.of("bayesian-average", "stacking")) {
      LearnedCombiner plain = LearnedCombiner.start(new CombinerSettings(name, true));
      LearnedCombiner scaled = plain;
      RandomGenerator random = new SplittableRandom(3);
      for (int i = 0; i < 300; i++) {
        double truth = random.nextGaussian();
        double[] errors = {.1 * random.nextGaussian(), random.nextGaussian(), 1 + .3 * random.nextGaussian()};
        plain = plain.observe(Labelled.of(numbers(truth, errors, 1, 0), "" + truth, true));
        scaled = scaled.observe(Labelled.of(numbers(truth, errors, unit, offset), "" + (offset + unit * truth), true));
      }
      Map<ModelId, Output> sample = numbers(0, new double[] {0, 1, 2}, 1, 0);
      double answer = answer(plain, sample);
      double scaledAnswer = (answer(scaled, numbers(0, new double[] {0, 1, 2}, unit, offset)) - offset) / unit;
      assertThat(Math.abs(answer)).isLessThan(.5);
      assertThat(scaledAnswer).isEqualTo(answer, within(1e-3));
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void stackedNumbersBeatTheBestModelWhereTheirErrorsOppose(long seed) {
    RandomGenerator random = new SplittableRandom(seed);
    LearnedCombiner combiner = LearnedCombiner.start(new CombinerSettings("stacking", true));
    double own = 0;
    double best = 0;
    for (int i = 0; i < 2_000; i++) {
      double common = random.nextGaussian();
      double truth = 5 * random.nextGaussian();
      // The second errs twice as far to the other side, so that two thirds and a third are right.
      Map<ModelId, Output> outputs = numbers(truth, new double[] {common, -2 * common, 3 * random.nextGaussian()}, 1, 100);
      if (i >= 200) {
        own += Math.pow(answer(combiner, outputs) - 100 - truth, 2);
        best += common * common;
      }
      combiner = combiner.observe(Labelled.of(outputs, "" + (100 + truth), true));
    }
    assertThat(own).isLessThan(.05 * best);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void stackedClassesBeatTheBestModelWhereEachKnowsAPart(long seed) {
    RandomGenerator random = new SplittableRandom(seed);
    LearnedCombiner combiner = LearnedCombiner.start(new CombinerSettings("stacking", false));
    double own = 0;
    double linear = 0;
    for (int i = 0; i < 3_000; i++) {
      Map<ModelId, Output> outputs = new LinkedHashMap<>();
      double sum = 0;
      for (int m = 0; m < 3; m++) {
        double logit = 1.5 * random.nextGaussian();
        sum += logit;
        outputs.put(model(m), sure(1 / (1 + Math.exp(-logit))));
      }
      String label = random.nextDouble() < 1 / (1 + Math.exp(-sum)) ? "a" : "b";
      if (i >= 500) {
        own -= Math.log(pool(combiner, outputs).of(label));
        linear -= Math.log(Plausibility.of(ballot(outputs).votes()).orElseThrow().of(label));
      }
      combiner = combiner.observe(Labelled.of(outputs, label, false));
    }
    assertThat(own).isLessThan(.85 * linear);
  }

  @Test
  void stackingIsThePlainAverageUntilItIsAheadOfIt() {
    LearnedCombiner fresh = LearnedCombiner.start(new CombinerSettings("stacking", true));
    assertThat(answer(fresh, numbers(0, new double[] {1, 2, 6}, 1, 0))).isEqualTo(3, within(1e-12));
    RandomGenerator random = new SplittableRandom(4);
    LearnedCombiner combiner = fresh;
    double own = 0;
    double plain = 0;
    for (int i = 0; i < 2_000; i++) {
      double[] errors = {random.nextGaussian(), random.nextGaussian(), random.nextGaussian()};
      own += Math.pow(answer(combiner, numbers(0, errors, 1, 0)), 2);
      plain += Math.pow((errors[0] + errors[1] + errors[2]) / 3, 2);
      combiner = combiner.observe(Labelled.of(numbers(0, errors, 1, 0), "0", true));
    }
    assertThat(own).isLessThan(1.02 * plain);
  }

  @Test
  void whoIsMissingIsTakenToSayWhatItSaysOnAverage() {
    LearnedCombiner combiner = LearnedCombiner.start(new CombinerSettings("mean-imputation", true));
    for (double number : new double[] {10, 20, 30}) {
      combiner = combiner.observe(Labelled.of(Map.of(model(1), Output.of(number)), "0", true));
    }
    Ballot half = Ballots.of(2, 1, Confidence.AGREEMENT, vote(0, .5, Output.of(4.0)));
    Combined combined = combiner.combiner().combine(half).orElseThrow();
    assertThat(combined.output()).isEqualTo(Output.of(12.0));
    assertThat(combined.winners()).isEmpty();
    assertThat(new WeightedMean().combine(half).orElseThrow().output()).isEqualTo(Output.of(4.0));
  }

  @Test
  void imputationPullsAClassTowardsWhatIsUsual() {
    LearnedCombiner combiner = LearnedCombiner.start(new CombinerSettings("mean-imputation", false));
    for (int i = 0; i < 10; i++) {
      combiner = combiner.observe(Labelled.of(Map.of(model(1), sure(i == 0 ? .9 : .05)), "b", false));
    }
    Ballot half = Ballots.of(2, 1, Confidence.PROBABILITY, vote(0, .5, sure(.7)));
    assertThat(combiner.combiner().combine(half).orElseThrow().output().label()).contains("b");
    assertThat(new WeightedVote().combine(half).orElseThrow().output().label()).contains("a");
  }

  @Test
  void nothingThatIsNoOpinionTeachesAnything() {
    for (String name : Combiners.names()) {
      LearnedCombiner numbers = LearnedCombiner.start(new CombinerSettings(name, true));
      assertThat(numbers.observe(Labelled.of(Map.of(model(0), Output.of("cat")), "1", true))).isEqualTo(numbers);
      LearnedCombiner classes = LearnedCombiner.start(new CombinerSettings(name, false));
      assertThat(classes.observe(Labelled.of(Map.of(), "1", false))).isEqualTo(classes);
    }
  }

  @Test
  void anotherCombinerStartsAndOtherOptionsGoOn() {
    LearnedCombiner combiner = taught("bayesian-average", false, 20, 1);
    assertThat(combiner.with(new CombinerSettings("bayesian-average", Map.of("forgetting", .5), false)).state()).isEqualTo(combiner.state());
    assertThat(combiner.with(new CombinerSettings("stacking", false)))
        .isEqualTo(LearnedCombiner.start(new CombinerSettings("stacking", false)));
  }

  @ParameterizedTest
  @CsvSource({"bayesian-average", "stacking", "mean-imputation", "median"})
  void whatWasLearnedSurvivesTheJournalAndStaysFinite(String name) throws IOException {
    for (boolean numbers : new boolean[] {true, false}) {
      LearnedCombiner combiner = taught(name, numbers, 3_000, 7);
      for (ObjectMapper mapper : MAPPERS) {
        byte[] bytes = mapper.writeValueAsBytes(combiner);
        assertThat(mapper.readValue(bytes, LearnedCombiner.class)).isEqualTo(combiner);
      }
      assertThat(MAPPERS.getFirst().writeValueAsString(combiner)).doesNotContain("NaN").doesNotContain("Infinity");
    }
  }

  /** The first of three models is the best; some are missing now and then, and some numbers are wild. */
  private static LearnedCombiner taught(String name, boolean numbers, int labels, long seed) {
    RandomGenerator random = new SplittableRandom(seed);
    LearnedCombiner combiner = LearnedCombiner.start(new CombinerSettings(name, numbers));
    for (int i = 0; i < labels; i++) {
      String label = random.nextInt(2) == 0 ? "a" : "b";
      Map<ModelId, Output> outputs = new LinkedHashMap<>();
      double truth = random.nextGaussian();
      for (int m = 0; m < 3; m++) {
        double right = m == 0 ? .9 : .4;
        if (random.nextInt(5) > 0 || m == 0) {
          double wild = i % 997 == 0 ? 1e150 : 1;
          outputs.put(model(m), numbers ? Output.of(truth + (1 + m) * wild * random.nextGaussian()) : sure(label.equals("a") ? right : 1 - right));
        }
      }
      combiner = combiner.observe(Labelled.of(outputs, numbers ? "" + truth : label, numbers));
    }
    return combiner;
  }

  private static double weight(LearnedCombiner combiner, int model) {
    Combined combined =
        combiner.combiner().combine(ballot(Map.of(model(0), sure(model == 0 ? 1 : 0), model(1), sure(model == 1 ? 1 : 0)))).orElseThrow();
    return combined.output().probabilities().orElseThrow().of("a");
  }

  private static ClassProbabilities pool(LearnedCombiner combiner, Map<ModelId, Output> outputs) {
    return combiner.combiner().combine(ballot(outputs)).orElseThrow().output().probabilities().orElseThrow();
  }

  private static double answer(LearnedCombiner combiner, Map<ModelId, Output> outputs) {
    return combiner.combiner().combine(ballot(outputs)).orElseThrow().output().number().orElseThrow();
  }

  private static Ballot ballot(Map<ModelId, Output> outputs) {
    List<Vote> votes = outputs.entrySet().stream().map(entry -> new Vote(entry.getKey(), 1, entry.getValue())).toList();
    return new Ballot(votes, List.of(), Optional.empty(), Optional.empty(), 0);
  }

  private static Map<ModelId, Output> numbers(double truth, double[] errors, double unit, double offset) {
    Map<ModelId, Output> outputs = new LinkedHashMap<>();
    for (int i = 0; i < errors.length; i++) {
      outputs.put(model(i), Output.of(offset + unit * (truth + errors[i])));
    }
    return outputs;
  }

  private static Output sure(double a) {
    return Ballots.classified(a >= .5 ? "a" : "b", a, 1 - a);
  }
}
