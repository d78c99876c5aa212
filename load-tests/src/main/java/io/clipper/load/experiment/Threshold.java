package io.clipper.load.experiment;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;

/** A rule that says what scores are let in: those that the served one is compared with. */
interface Threshold {
  String name();

  double value();

  void learn(double score);

  /** The ⌈(n+1)(1−α)⌉-th smallest, the greatest where that is beyond it. */
  static double quantile(double[] scores, double miss) {
    double[] sorted = scores.clone();
    Arrays.sort(sorted);
    int rank = (int) Math.ceil((sorted.length + 1) * (1 - miss) - 1e-9);
    return sorted[Math.clamp(rank, 1, sorted.length) - 1];
  }

  /** Split conformal prediction: fixed for ever on the first scores. */
  final class Split implements Threshold {
    private final double value;

    Split(List<Double> first, double miss) {
      value = quantile(first.stream().mapToDouble(Double::doubleValue).toArray(), miss);
    }

    @Override
    public String name() {
      return "split conformal";
    }

    @Override
    public double value() {
      return value;
    }

    @Override
    public void learn(double score) {
      // What was fixed stays.
    }
  }

  /** α ← α + γ (α − err) as it was published (Gibbs and Candès, NeurIPS 2021), over as many scores as the served rule keeps. */
  final class Adaptive implements Threshold {
    private static final int KEPT = 500;
    private static final int FIRST_LABELS = 2_000;

    private final double first;
    private final double later;
    private final double miss;
    private final Deque<Double> recent = new ArrayDeque<>();
    private double level;
    private int labels;

    /**
     * @param first γ for the first 2 000 labels
     * @param later γ after them
     */
    Adaptive(double first, double later, double miss) {
      this.first = first;
      this.later = later;
      this.miss = miss;
      level = miss;
    }

    @Override
    public String name() {
      return first == later ? "ACI, γ %s".formatted(first) : "ACI, γ %s → %s".formatted(first, later);
    }

    @Override
    public double value() {
      if (recent.size() < Math.ceil(1 / miss - 1e-9) || level <= 0) {
        return Double.POSITIVE_INFINITY;
      }
      return level >= 1
          ? Double.NEGATIVE_INFINITY
          : quantile(recent.stream().mapToDouble(Double::doubleValue).toArray(), level);
    }

    @Override
    public void learn(double score) {
      if (recent.size() >= Math.ceil(1 / miss - 1e-9)) {
        level += (labels < FIRST_LABELS ? first : later) * (miss - (score > value() ? 1 : 0));
      }
      recent.addLast(score);
      if (recent.size() > KEPT) {
        recent.removeFirst();
      }
      labels++;
    }
  }
}
