package io.clipper.certainty;

/**
 * The threshold of one context in constant space: q ← q + η (err − α) (Angelopoulos, Candès, Tibshirani: Conformal PID control for time
 * series prediction, NeurIPS 2023, 2.1), with η a tenth of the greatest recent score. It starts from the application's threshold and is
 * issued once it has ⌈1/α⌉ labels of its own. An immutable value.
 *
 * @param threshold q
 * @param greatest a maximum of the scores that fades
 */
public record QuantileTracker(double threshold, double greatest, long labels, long missed) {
  private static final double STEP = 0.1;
  private static final double FADING = 0.99;

  static final QuantileTracker NONE = new QuantileTracker(0, 0, 0, 0);

  boolean calibrated(double miss) {
    return labels >= Math.ceil(1 / miss - 1e-9);
  }

  /** @param issued the threshold that the promise was made by: the application's, until this has labels enough */
  QuantileTracker after(double score, double issued, double miss) {
    boolean wasMissed = score > issued;
    double next = Math.max(score, FADING * greatest);
    double start = Double.isInfinite(issued) ? score : issued;
    double from = labels > 0 ? threshold : start;
    double moved = from + STEP * next * ((score > from ? 1 : 0) - miss);
    return new QuantileTracker(moved, next, labels + 1, missed + (wasMissed ? 1 : 0));
  }
}
