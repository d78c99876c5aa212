package io.clipper.certainty;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.annotation.JsonAutoDetect.Visibility;
import com.fasterxml.jackson.annotation.PropertyAccessor;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.cbor.CBORFactory;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import com.fasterxml.jackson.module.paramnames.ParameterNamesModule;
import io.clipper.catalog.CertaintySettings;
import io.clipper.certainty.Certainty.PredictionInterval;
import io.clipper.certainty.Certainty.PredictionSet;
import io.clipper.model.ClassProbabilities;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LearnedCertaintyTest {
  private static final CertaintySettings SETTINGS = new CertaintySettings(Optional.of(.9), "platt", "none");
  private static final Basis THREE = Basis.OfClasses.of(new ClassProbabilities(List.of("a", "b", "c"), new double[] {.2, .7, .1}));

  @Test
  void whatIsNotCalibratedHoldsEverything() {
    LearnedCertainty fresh = LearnedCertainty.start(SETTINGS);
    assertThat(promise(fresh, THREE).certainty()).isEqualTo(new PredictionSet(List.of("b", "a", "c"), true, false));
    assertThat(promise(fresh, new Basis.OfNumber(3)).certainty())
        .isEqualTo(new PredictionInterval(Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY, false));
  }

  @Test
  void afterTenLabelsTheSetHoldsWhatIsNoStrangerThanWasSeen() {
    LearnedCertainty certainty = LearnedCertainty.start(SETTINGS);
    for (int i = 0; i < 10; i++) {
      certainty = certainty.observe(promise(certainty, THREE), i == 0 ? "a" : "b");
    }
    assertThat(promise(certainty, THREE).certainty()).isEqualTo(new PredictionSet(List.of("b", "a"), false, true));
  }

  @Test
  void anIntervalIsAsWideAsTheErrorsWere() {
    LearnedCertainty certainty = LearnedCertainty.start(SETTINGS);
    for (int i = 0; i < 10; i++) {
      certainty = certainty.observe(promise(certainty, new Basis.OfNumber(i)), "" + (i + 2));
    }
    assertThat(promise(certainty, new Basis.OfNumber(7)).certainty()).isEqualTo(new PredictionInterval(5, 9, true));
  }

  @Test
  void anErrorIsJudgedOnWhatWasIssuedHoweverLateTheLabel() {
    LearnedCertainty certainty = LearnedCertainty.start(SETTINGS);
    for (int i = 0; i < 10; i++) {
      certainty = certainty.observe(promise(certainty, new Basis.OfNumber(0)), "1");
    }
    Promise narrow = promise(certainty, new Basis.OfNumber(0));
    for (int i = 0; i < 100; i++) {
      certainty = certainty.observe(promise(certainty, new Basis.OfNumber(0)), "5");
    }
    long missed = certainty.conformal().orElseThrow().reached().missed();
    assertThat(promise(certainty, new Basis.OfNumber(0)).general()).isGreaterThan(4);
    assertThat(certainty.observe(narrow, "4").conformal().orElseThrow().reached().missed()).isEqualTo(missed + 1);
  }

  @Test
  void aLabelThatIsNoNumberTeachesAnIntervalNothing() {
    LearnedCertainty certainty = LearnedCertainty.start(SETTINGS);
    assertThat(certainty.observe(promise(certainty, new Basis.OfNumber(1)), "cat")).isEqualTo(certainty);
  }

  @Test
  void aClassThatNoModelKnowsIsAsStrangeAsCanBe() {
    assertThat(THREE.score("z")).hasValue(1);
    assertThat(THREE.within(1, true)).isEqualTo(new PredictionSet(List.of("b", "a", "c"), true, true));
  }

  @Test
  void anotherCoverageStartsAndTheRestGoesOn() {
    LearnedCertainty certainty = taught(SETTINGS, 300);
    LearnedCertainty next = certainty.with(new CertaintySettings(Optional.of(.8), "platt", "adwin"));
    assertThat(next.calibration()).isEqualTo(certainty.calibration());
    assertThat(next.conformal().orElseThrow()).isEqualTo(Conformal.start(1 - .8));
    assertThat(certainty.with(CertaintySettings.DEFAULT).learns()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"temperature", "platt"})
  void aThousandLabelsHalveTheCalibrationErrorOfABoaster(String kind) {
    for (long seed = 1; seed <= 10; seed++) {
      RandomGenerator random = new SplittableRandom(seed);
      LearnedCertainty certainty = LearnedCertainty.start(new CertaintySettings(Optional.empty(), kind, "none"));
      Bins before = new Bins();
      Bins after = new Bins();
      for (int label = 0; label < 5_000; label++) {
        double logit = .2 + 1.2 * Math.abs(random.nextGaussian());
        double boast = 1 / (1 + Math.exp(-3 * logit));
        boolean right = random.nextDouble() < 1 / (1 + Math.exp(-logit));
        if (label >= 1_000) {
          before.add(boast, right);
          after.add(certainty.calibrated(OptionalDouble.of(boast)).orElseThrow(), right);
        }
        Promise promise = certainty.promise(THREE, OptionalDouble.of(boast), Optional.of("a"), Optional.empty());
        certainty = certainty.observe(promise, right ? "a" : "b");
      }
      assertThat(after.error()).isLessThan(.5 * before.error());
    }
  }

  @Test
  void calibrationFollowsAModelThatBecomesWorse() {
    RandomGenerator random = new SplittableRandom(1);
    Calibration calibration = Calibration.start(true);
    for (int label = 0; label < 20_000; label++) {
      calibration = calibration.after(.9, random.nextDouble() < (label < 15_000 ? .9 : .6));
    }
    assertThat(calibration.of(.9)).isBetween(.53, .67);
  }

  @Test
  void theIntervalOfTheReachedCoverageHoldsAtAllTimesAtOnce() {
    int left = 0;
    for (long seed = 0; seed < 200; seed++) {
      RandomGenerator random = new SplittableRandom(seed);
      Reached reached = Reached.NONE;
      double expected = 0;
      boolean outside = false;
      for (int label = 1; label <= 5_000; label++) {
        double chance = reached.missed() > .1 * label ? .05 : .15;
        expected += chance;
        reached = reached.after(random.nextDouble() < chance, 1);
        double coverage = 1 - expected / label;
        outside |= coverage < reached.least() || coverage > reached.most();
      }
      left += outside ? 1 : 0;
    }
    assertThat(left).isLessThanOrEqualTo(10);
  }

  @Test
  void theIntervalOfTheReachedCoverageBecomesNarrow() {
    Reached reached = Reached.NONE;
    assertThat(reached.least()).isZero();
    assertThat(reached.most()).isEqualTo(1);
    for (int label = 0; label < 10_000; label++) {
      reached = reached.after(label % 10 == 0, label % 4 == 0 ? Double.POSITIVE_INFINITY : 2);
    }
    assertThat(reached.most() - reached.least()).isLessThan(.04);
    assertThat(reached.meanSize()).hasValue(2);
    assertThat(reached.unbounded()).isEqualTo(2_500);
  }

  @Test
  void whatWasLearnedSurvivesTheJournal() throws IOException {
    LearnedCertainty certainty = taught(SETTINGS, 700);
    QuantileTracker tracker = certainty.observe(Optional.empty(), promise(certainty, new Basis.OfNumber(1)), "2");
    for (ObjectMapper mapper :
        List.of(
            new ObjectMapper().registerModules(new Jdk8Module(), new ParameterNamesModule()),
            new ObjectMapper(new CBORFactory())
                .setVisibility(PropertyAccessor.FIELD, Visibility.ANY)
                .registerModules(new Jdk8Module(), new ParameterNamesModule()))) {
      for (LearnedCertainty one : List.of(certainty, LearnedCertainty.start(SETTINGS), LearnedCertainty.start(CertaintySettings.DEFAULT))) {
        assertThat(mapper.readValue(mapper.writeValueAsBytes(one), LearnedCertainty.class)).isEqualTo(one);
      }
      assertThat(mapper.readValue(mapper.writeValueAsBytes(tracker), QuantileTracker.class)).isEqualTo(tracker);
    }
  }

  @Test
  void withoutAWordOfLatenessLabelsAreTakenToHaveComeAtOnce() throws IOException {
    ObjectMapper mapper = new ObjectMapper().registerModules(new Jdk8Module(), new ParameterNamesModule());
    Conformal conformal = taught(SETTINGS, 700).conformal().orElseThrow();
    ObjectNode written = mapper.valueToTree(conformal);
    written.remove(List.of("latest", "hitsLate", "missesLate"));
    assertThat(mapper.treeToValue(written, Conformal.class)).isEqualTo(conformal);
  }

  private static LearnedCertainty taught(CertaintySettings settings, int labels) {
    RandomGenerator random = new SplittableRandom(5);
    LearnedCertainty certainty = LearnedCertainty.start(settings);
    for (int i = 0; i < labels; i++) {
      Promise promise = certainty.promise(new Basis.OfNumber(0), OptionalDouble.of(random.nextDouble()), Optional.of("1"), Optional.empty());
      certainty = certainty.observe(promise, random.nextBoolean() ? "1" : "" + random.nextGaussian());
    }
    return certainty;
  }

  private static Promise promise(LearnedCertainty certainty, Basis basis) {
    return certainty.promise(basis, OptionalDouble.empty(), Optional.empty(), Optional.empty());
  }

  /** The expected calibration error over ten bins of confidence. */
  private static final class Bins {
    private final double[] sums = new double[10];
    private int count;

    void add(double confidence, boolean right) {
      sums[Math.min(9, (int) (10 * confidence))] += confidence - (right ? 1 : 0);
      count++;
    }

    double error() {
      double sum = 0;
      for (double bin : sums) {
        sum += Math.abs(bin);
      }
      return sum / count;
    }
  }
}
