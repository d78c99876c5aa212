package io.clipper.certainty;

import static org.assertj.core.api.Assertions.assertThat;

import io.clipper.catalog.CertaintySettings;
import io.clipper.combine.Plausibility;
import io.clipper.combine.Vote;
import io.clipper.model.ClassProbabilities;
import io.clipper.model.Input;
import io.clipper.model.ModelId;
import io.clipper.model.Output;
import io.clipper.model.Tensor;
import io.clipper.model.runtime.ModelRuntime;
import io.clipper.model.runtime.RuntimeSpec;
import io.clipper.model.runtime.Runtimes;
import io.clipper.model.runtime.ThreadBudget;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Half-way through twelve thousand labels every score becomes three times what it was. */
class ShiftTest {
  private static final int LABELS = 12_000;
  private static final int WINDOW = 250;
  private static final double MISS = 0.1;
  private static final CertaintySettings SETTINGS = new CertaintySettings(Optional.of(1 - MISS), "none", "none");

  /** One labelled input, its scores three times as great or not. */
  private interface World {
    Example next(RandomGenerator random, int times);
  }

  private record Example(Basis basis, String label) {}

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
  void intervalsKeepTheirCoverageInEveryWindow(long seed) {
    check(
        (random, times) -> new Example(new Basis.OfNumber(0), Double.toString(times * random.nextGaussian())), new SplittableRandom(seed));
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
  void setsKeepTheirCoverageInEveryWindow(long seed) {
    check(ShiftTest::tenClasses, new SplittableRandom(seed));
  }

  @Test
  void setsOfDigitsKeepTheirCoverageInEveryWindow() throws Exception {
    List<Example> rows = digits();
    for (long seed = 1; seed <= 5; seed++) {
      check(
          (random, times) -> {
            Example row = rows.get(random.nextInt(rows.size()));
            return new Example(stranger((Basis.OfClasses) row.basis(), times), row.label());
          },
          new SplittableRandom(seed));
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void aContextsOwnTrackerFollowsToo(long seed) {
    RandomGenerator random = new SplittableRandom(seed);
    LearnedCertainty certainty = LearnedCertainty.start(SETTINGS);
    QuantileTracker own = QuantileTracker.NONE;
    int missed = 0;
    for (int label = 0; label < 6_000; label++) {
      String mine = Double.toString((label < 3_000 ? 5 : 15) * random.nextGaussian());
      Promise promise = certainty.promise(new Basis.OfNumber(0), OptionalDouble.empty(), Optional.empty(), Optional.of(own));
      own = certainty.observe(Optional.of(own), promise, mine);
      if (label >= 100) {
        missed += promise.basis().score(mine).orElseThrow() > promise.own().orElseThrow() ? 1 : 0;
      }
      for (int others = 0; others < 3; others++) {
        Promise general = certainty.promise(new Basis.OfNumber(0), OptionalDouble.empty(), Optional.empty(), Optional.empty());
        certainty = certainty.observe(general, Double.toString(random.nextGaussian()));
      }
    }
    assertThat(missed / 5_900.0).isBetween(MISS - .01, MISS + .01);
  }

  private static void check(World world, RandomGenerator random) {
    double sizeOfStatic = staticSize(world, random);
    LearnedCertainty certainty = LearnedCertainty.start(SETTINGS);
    boolean[] missed = new boolean[LABELS];
    double sizes = 0;
    for (int label = 0; label < LABELS; label++) {
      Example example = world.next(random, label < LABELS / 2 ? 1 : 3);
      Promise promise = certainty.promise(example.basis(), OptionalDouble.empty(), Optional.empty(), Optional.empty());
      missed[label] = example.basis().score(example.label()).orElseThrow() > promise.general();
      if (label >= 10 && label < LABELS / 2) {
        sizes += example.basis().size(promise.general());
      }
      certainty = certainty.observe(promise, example.label());
    }
    assertThat(worstWindow(missed)).isLessThanOrEqualTo(.13);
    assertThat(sizes / (LABELS / 2 - 10)).isLessThanOrEqualTo(1.5 * sizeOfStatic);
    Reached reached = certainty.conformal().orElseThrow().reached();
    assertThat(reached.coverage().orElseThrow()).isBetween(1 - MISS - .002, 1 - MISS + .002);
    assertThat(reached.unbounded()).isEqualTo(0);
  }

  /** Split conformal with a thousand labels, on a thousand more. */
  private static double staticSize(World world, RandomGenerator random) {
    double[] scores = new double[1_000];
    for (int i = 0; i < scores.length; i++) {
      Example example = world.next(random, 1);
      scores[i] = example.basis().score(example.label()).orElseThrow();
    }
    Arrays.sort(scores);
    double threshold = scores[(int) Math.ceil(1_001 * (1 - MISS)) - 1];
    double size = 0;
    for (int i = 0; i < 1_000; i++) {
      size += world.next(random, 1).basis().size(threshold);
    }
    return size / 1_000;
  }

  private static double worstWindow(boolean[] missed) {
    int inWindow = 0;
    int worst = 0;
    for (int i = 0; i < missed.length; i++) {
      inWindow += missed[i] ? 1 : 0;
      inWindow -= i >= WINDOW && missed[i - WINDOW] ? 1 : 0;
      worst = Math.max(worst, inWindow);
    }
    return (double) worst / WINDOW;
  }

  /** A softmax of ten numbers, of which the label's is greater by two. */
  private static Example tenClasses(RandomGenerator random, int times) {
    double[] values = new double[10];
    int label = random.nextInt(10);
    double sum = 0;
    for (int c = 0; c < values.length; c++) {
      values[c] = Math.exp(random.nextGaussian() + (c == label ? 2 : 0));
      sum += values[c];
    }
    for (int c = 0; c < values.length; c++) {
      values[c] /= sum;
    }
    List<String> classes = List.of("0", "1", "2", "3", "4", "5", "6", "7", "8", "9");
    return new Example(stranger(Basis.OfClasses.of(new ClassProbabilities(classes, values)), times), classes.get(label));
  }

  private static Basis stranger(Basis.OfClasses basis, int times) {
    return new Basis.OfClasses(basis.classes(), basis.plausibilities().stream().map(plausibility -> 1 - times * (1 - plausibility)).toList());
  }

  /** The held-out rows, as the five committed models see them together. */
  private static List<Example> digits() throws Exception {
    List<Input> inputs = new ArrayList<>();
    List<String> labels = new ArrayList<>();
    for (String line : Files.readAllLines(Path.of("../examples/digits/held-out.csv")).stream().skip(1).toList()) {
      String[] cells = line.split(",", -1);
      float[] pixels = new float[cells.length - 1];
      for (int i = 0; i < pixels.length; i++) {
        pixels[i] = Float.parseFloat(cells[i + 1]);
      }
      labels.add(cells[0]);
      inputs.add(Input.of(Tensor.ofFloats(pixels)));
    }
    List<List<Vote>> votes = new ArrayList<>();
    inputs.forEach(input -> votes.add(new ArrayList<>()));
    Runtimes runtimes = Runtimes.found(new ThreadBudget(1));
    for (String name : List.of("linear-svm", "logistic-regression", "naive-bayes", "neural-network", "random-forest")) {
      Path file = Path.of("../examples/digits/models", name, "1", "model.onnx");
      try (ModelRuntime runtime = runtimes.load(new ModelId("digits", "1"), new RuntimeSpec.Onnx(), Optional.of(file))) {
        List<Output> outputs = runtime.predict(inputs).toCompletableFuture().get();
        for (int row = 0; row < outputs.size(); row++) {
          votes.get(row).add(new Vote(new ModelId(name, "1"), 1, outputs.get(row)));
        }
      }
    }
    List<Example> examples = new ArrayList<>();
    for (int row = 0; row < labels.size(); row++) {
      examples.add(new Example(Basis.OfClasses.of(Plausibility.of(votes.get(row)).orElseThrow()), labels.get(row)));
    }
    return examples;
  }
}
