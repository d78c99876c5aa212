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
 * @param hitsLate how many came between them on average, of late and for hits
 * @param missesLate the same for misses
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
    double hitsLate,
    double missesLate,
    Reached reached) {
  /*
   * Whatever is issued while 0 < α_t < 1, where labels come at once and γ is one number α_t stays within [−γ, 1 + γ], and so, by summing the
   * recursion, for every sequence
   *
   *   |1/T Σ err_t − α| ≤ (max{α, 1 − α} + γ) / (γ T).
   *
   * With γ = 0.005 a window of 250 labels may miss 18 to 21 in a hundred after a change of scale, where a tenth was asked for: α_t moves by
   * less than the errors of chance in such a window. So the quantile is taken at α_t less a share of the excess of errors in about the
   * last 250 labels, which the recursion does not feel. It can let in no more than half as many misses again, and it stops at the
   * greatest score, so that intervals stay finite unless α_t itself says otherwise.
   *
   * Labels that come D labels late are a delay in a loop with gain γ, which swings for ever where γ D is above π/2: all is let in for a
   * while, then nothing. So each moves the level by γ / (1 + 2 γ D̄) only, where a level that is higher by δ is answered D̄ labels later: by δ more
   * misses, which count 1 − α, and δ fewer hits, which count α, so that D̄ is the mean lateness of misses and hits with these weights. With the
   * label's own lateness in its place the later kind would count less, and the level go one way for ever while coverage is what it should be.
   * Means of either kind, since no miss tells how late misses are while all is let in.
   *
   * Such a level alone would keep a bound that is wider by its smaller step. So the sum of all errors is bounded as well, for which the
   * recursion stands: where at most D labels come between a promise and its own,
   *
   *   E = Σ (err_t − α),   with everything let in at E ≥ max{α, 1 − α}/γ + α D, and nothing at E ≤ −max{α, 1 − α}/γ − (1 − α) D.
   *
   * A miss that is judged while E is above the first was promised before it was, at most D labels ago, and adds 1 − α, as does the one that
   * led there: in all E ≤ max{α, 1 − α}/γ + D + 1. Below the second a hit was promised before, and takes α, to the same sum. So
   *
   *   |1/T Σ err_t − α| ≤ (max{α, 1 − α} + γ (D + 1)) / (γ T)
   *
   * for every sequence, in any order, which is the bound above and what comes of D. Since the γ of the
   * day is compared with all errors there ever were, the bound holds for it also where it has shrunk. When the sum is back, the D labels
   * that are out bring it to max{α, 1 − α}/γ and not beyond 0: that swings no more. Neither does the level, which follows no error that the sum
   * brought about and so is within [−γ, 1 + γ] near where it was needed last.
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
  private static final int LATENESS_MEMORY = 20;

  static Conformal start(double miss) {
    double scale = Math.min(1, miss / STEPS_FOR);
    return start(miss, scale * FIRST_STEP, scale * LATER_STEP);
  }

  static Conformal start(double miss, double first, double later) {
    return new Conformal(miss, first, later, miss, 0, RecentScores.NONE, 0, 0, 0, 0, Reached.NONE);
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
    if (!calibrated() || owes()) {
      return Double.POSITIVE_INFINITY;
    }
    if (isOwed()) {
      return Double.NEGATIVE_INFINITY;
    }
    if (level <= 0) {
      return Double.POSITIVE_INFINITY;
    }
    return level >= 1 ? Double.NEGATIVE_INFINITY : scores.quantile(level - correction());
  }

  /** E is so high that everything is let in. */
  private boolean owes() {
    return sum() >= most() + miss * latest;
  }

  /** E is so low that nothing is. */
  private boolean isOwed() {
    return sum() <= -most() - (1 - miss) * latest;
  }

  /** E. */
  private double sum() {
    return reached.missed() - miss * reached.labels();
  }

  private double most() {
    return Math.max(miss, 1 - miss) / step();
  }

  /**
   * @param score of the label
   * @param threshold that was issued, by the application as a whole
   * @param late how many labels came between the promise and this one
   */
  Conformal after(double score, double threshold, boolean wasCalibrated, long late, double size) {
    RecentScores more = scores.with(score, Math.max(RecentScores.CAPACITY, enough()));
    if (!wasCalibrated) {
      return new Conformal(miss, first, later, level, excess, more, labels + 1, latest, hitsLate, missesLate, reached);
    }
    boolean missed = score > threshold;
    double error = (missed ? 1 : 0) - miss;
    return new Conformal(
        miss,
        first,
        later,
        moved(error),
        EXCESS_MEMORY * excess + error / (1 + lateness() / EXCESS_LAG),
        more,
        labels + 1,
        Math.max(latest, late),
        missed ? hitsLate : mean(hitsLate, late, reached.labels() - reached.missed()),
        missed ? mean(missesLate, late, reached.missed()) : missesLate,
        reached.after(missed, size));
  }

  /** α_{t+1}. */
  private double moved(double error) {
    boolean brought = error < 0 ? owes() : isOwed();
    return brought ? level : Math.clamp(level - step() / (1 + 2 * step() * lateness()) * error, -step(), 1 + step());
  }

  /** D̄. */
  private double lateness() {
    return miss * hitsLate + (1 - miss) * missesLate;
  }

  /** @param before how many it is the mean of */
  private static double mean(double mean, long next, long before) {
    return mean + (next - mean) / Math.min(before + 1, LATENESS_MEMORY);
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
