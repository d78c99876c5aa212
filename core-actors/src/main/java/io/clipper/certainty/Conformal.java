package io.clipper.certainty;

/**
 * Adaptive conformal inference: the level α_t at which the quantile of recent scores is taken follows the errors of what was issued,
 * α_{t+1} = α_t + γ (α − err_t), and at α_t ≤ 0 everything is let in, at α_t ≥ 1 nothing (Gibbs and Candès: Adaptive conformal inference
 * under distribution shift, NeurIPS 2021). An immutable value.
 *
 * @param miss α, the share of labels that may be missed
 * @param first γ for the first 2 000 labels
 * @param later γ after them
 * @param level α_t
 * @param excess how many more labels than α were missed lately
 * @param labels that taught a score
 * @param latest the most labels that ever came between a promise and its own
 * @param reached what calibrated promises have come to
 */
public record Conformal(
    double miss,
    double first,
    double later,
    double level,
    double excess,
    RecentScores scores,
    long labels,
    long latest,
    Reached reached) {
  /*
   * Whatever is issued while 0 < α_t < 1, α_t stays within [−γ, 1 + γ], and so, by summing the recursion, for every sequence
   *
   *   |1/T Σ err_t − α| ≤ (max{α, 1 − α} + γ (D + 1)) / (γ T),
   *
   * where at most D labels come between a promise and its own, and D = 0 where labels come at once.
   *
   * With γ = 0.005 a window of 250 labels may miss 18 to 21 in a hundred after a change of scale, where a tenth was asked for: α_t moves by
   * less than the errors of chance in such a window. So the quantile is taken at α_t less a share of the excess of errors in about the
   * last 250 labels, which the recursion does not feel. It can let in no more than half as many misses again, and it stops at the
   * greatest score, so that intervals stay finite unless α_t itself says otherwise.
   *
   * Labels that come D labels late are a delay in a loop with gain γ, which swings for ever where γ D is above π/2: all is let in for a
   * while, then nothing. So a label that is D late moves the level by γ / (1 + 2 γ D) only. Such a level alone would keep a bound that is
   * wider by its smaller step. The bound above is kept by what the recursion stands for, the sum of all errors
   *
   *   E = Σ (err_t − α),   with everything let in at E ≥ max{α, 1 − α}/γ + α D, and nothing at E ≤ −max{α, 1 − α}/γ − (1 − α) D.
   *
   * For what is judged while E is above the first was promised before it was, at most D labels ago, and adds 1 − α at most for each and
   * for the one that led there: in all E ≤ max{α, 1 − α}/γ + D + 1. Below the second each takes α, to the same sum. Since the γ of the
   * day is compared with all errors there ever were, the bound holds for it also where it has shrunk. When the sum is back, the D labels
   * that are out bring it to max{α, 1 − α}/γ and not beyond 0: that swings no more.
   *
   * Promises from before there were labels enough hold everything, whoever made them; counting them as hits would push the level up. They
   * teach scores and are not counted.
   */

  static final double FIRST_STEP = 0.02;
  static final double LATER_STEP = 0.005;
  static final int FIRST_LABELS = 2_000;

  /** The steps are for missing a tenth: where less may be missed, one error would otherwise use up the whole level at once. */
  private static final double STEPS_FOR = 0.1;

  private static final double EXCESS_MEMORY = 1 - 1.0 / 250;
  private static final double EXCESS_LAG = 10;

  static Conformal start(double miss) {
    double scale = Math.min(1, miss / STEPS_FOR);
    return start(miss, scale * FIRST_STEP, scale * LATER_STEP);
  }

  static Conformal start(double miss, double first, double later) {
    return new Conformal(miss, first, later, miss, 0, RecentScores.NONE, 0, 0, Reached.NONE);
  }

  /** Below ⌈1/α⌉ labels no quantile of them is high enough. */
  public boolean calibrated() {
    return scores.size() >= enough();
  }

  /** ⌈1/α⌉, which are more scores than are kept otherwise where less than one in 500 may be missed. */
  private int enough() {
    return (int) Math.ceil(1 / miss - 1e-9);
  }

  /** What a score may be at most. */
  double threshold() {
    double sum = reached.missed() - miss * reached.labels();
    double most = Math.max(miss, 1 - miss) / step();
    if (!calibrated() || sum >= most + miss * latest) {
      return Double.POSITIVE_INFINITY;
    }
    if (sum <= -most - (1 - miss) * latest) {
      return Double.NEGATIVE_INFINITY;
    }
    if (level <= 0) {
      return Double.POSITIVE_INFINITY;
    }
    return level >= 1 ? Double.NEGATIVE_INFINITY : scores.quantile(level - correction());
  }

  /**
   * @param score of the label
   * @param threshold that was issued, by the application as a whole
   * @param lateness how many labels came between the promise and this one
   */
  Conformal after(double score, double threshold, boolean wasCalibrated, long lateness, double size) {
    RecentScores more = scores.with(score, Math.max(RecentScores.CAPACITY, enough()));
    if (!wasCalibrated) {
      return new Conformal(miss, first, later, level, excess, more, labels + 1, latest, reached);
    }
    boolean missed = score > threshold;
    double error = (missed ? 1 : 0) - miss;
    return new Conformal(
        miss,
        first,
        later,
        level - step() / (1 + 2 * step() * lateness) * error,
        EXCESS_MEMORY * excess + error / (1 + lateness / EXCESS_LAG),
        more,
        labels + 1,
        Math.max(latest, lateness),
        reached.after(missed, size));
  }

  /** γ. */
  private double step() {
    return labels < FIRST_LABELS ? first : later;
  }

  /** Half of α for each miss too many. */
  private double correction() {
    return Math.max(excess, -1) * miss / 2;
  }
}
