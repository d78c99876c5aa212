package io.clipper.load.experiment;

import io.clipper.application.Prediction;
import io.clipper.catalog.LearningSettings;
import io.clipper.certainty.Basis;
import io.clipper.certainty.Certainty;
import io.clipper.combine.Plausibility;
import io.clipper.combine.Vote;
import io.clipper.model.Input;
import io.clipper.model.Labels;
import io.clipper.model.Signature;
import io.clipper.model.Tensor;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/** Data, and models for them, whose answers can be made stranger to their labels. */
sealed interface Subject {
  String name();

  Signature deploy(ExperimentNode node) throws IOException;

  LearningSettings learning();

  List<String> models();

  Example next(boolean shifted);

  /** What the models together said, as the application weighs them. */
  Basis basis(Prediction prediction);

  /** The label that the client sends. */
  String label(Example example, Prediction prediction, boolean shifted);

  static boolean holds(Certainty issued, String label) {
    return switch (issued) {
      case Certainty.PredictionSet set -> set.whole() || set.classes().contains(label);
      case Certainty.PredictionInterval interval -> {
        double number = Double.parseDouble(label);
        yield interval.low() <= number && number <= interval.high();
      }
    };
  }

  /** Infinite where everything is let in. */
  static double size(Certainty issued) {
    return switch (issued) {
      case Certainty.PredictionSet set -> set.whole() ? Double.POSITIVE_INFINITY : set.classes().size();
      case Certainty.PredictionInterval interval -> Math.max(0, interval.high() - interval.low());
    };
  }

  /** Digits whose pictures become so noisy that their labels' scores, 1 − p(label), are three times as great on average. */
  final class OfDigits implements Subject {
    private static final double NOISE = 0.5;
    private static final double MORE_NOISE = 4.5;

    private final NoisyDigits digits = new NoisyDigits(new SplittableRandom(3));

    @Override
    public String name() {
      return "digits";
    }

    @Override
    public List<String> models() {
      return List.of("neural-network", "linear-svm", "random-forest", "logistic-regression", "naive-bayes");
    }

    @Override
    public Signature deploy(ExperimentNode node) throws IOException {
      return node.deploy("digits/models", models());
    }

    @Override
    public LearningSettings learning() {
      return ExperimentNode.learning("fixed-share", Optional.empty(), "zero-one", CoverageUnderShift.SETTINGS);
    }

    @Override
    public Example next(boolean shifted) {
      return digits.next(shifted ? MORE_NOISE : NOISE);
    }

    @Override
    public Basis basis(Prediction prediction) {
      List<Vote> votes =
          prediction.models().stream()
              .filter(answer -> answer.output().isPresent() && !answer.late())
              .map(answer -> new Vote(answer.model(), answer.weight(), answer.output().orElseThrow()))
              .toList();
      return Basis.OfClasses.of(Plausibility.of(votes).orElseThrow());
    }

    @Override
    public String label(Example example, Prediction prediction, boolean shifted) {
      return example.label();
    }
  }

  /** Friedman's function. Shifted, each target is three times as far from the answer as it is by the function and its noise. */
  final class OfFriedman implements Subject {
    private static final int INPUTS = 10;
    private static final double SCALE = 10;
    private static final int TIMES = 3;

    private final RandomGenerator random = new SplittableRandom(1991);

    @Override
    public String name() {
      return "friedman";
    }

    @Override
    public List<String> models() {
      return List.of("gradient-boosting", "random-forest", "ridge");
    }

    @Override
    public Signature deploy(ExperimentNode node) throws IOException {
      return node.deploy("friedman/models", models());
    }

    @Override
    public LearningSettings learning() {
      return ExperimentNode.learning("fixed-share", Optional.of("weighted-mean"), "squared", CoverageUnderShift.SETTINGS);
    }

    @Override
    public Example next(boolean shifted) {
      float[] x = new float[INPUTS];
      for (int i = 0; i < INPUTS; i++) {
        x[i] = random.nextFloat();
      }
      double y =
          10 * StrictMath.sin(Math.PI * x[0] * x[1]) + 20 * (x[2] - 0.5) * (x[2] - 0.5) + 10 * x[3] + 5 * x[4] + random.nextGaussian();
      return new Example(Input.of(Tensor.ofFloats(x)), Labels.canonical(y / SCALE));
    }

    @Override
    public Basis basis(Prediction prediction) {
      return new Basis.OfNumber(prediction.output().number().orElseThrow());
    }

    @Override
    public String label(Example example, Prediction prediction, boolean shifted) {
      double answer = prediction.output().number().orElseThrow();
      double truth = Double.parseDouble(example.label());
      return shifted ? Labels.canonical(answer + TIMES * (truth - answer)) : example.label();
    }
  }
}
