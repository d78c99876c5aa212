package io.clipper.certainty;

import java.util.OptionalDouble;

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

  /**
   * It follows the errors of what it issued itself, however late their labels are. Promises from before it had labels enough were the
   * application's: of those it takes what its own threshold would have missed.
   *
   * @param general the application's threshold at the promise
   * @param own this one's at the promise, where the promise was made by it
   */
  QuantileTracker after(double score, double general, OptionalDouble own, double miss) {
    double next = Math.max(score, FADING * greatest);
    double start = Double.isInfinite(general) ? score : general;
    double from = labels > 0 ? threshold : start;
    // What is known before the label: a step that the missed score itself makes larger would weigh misses more than hits.
    double step = STEP * (labels > 0 ? greatest : next);
    double moved = from + step * ((score > own.orElse(from) ? 1 : 0) - miss);
    return new QuantileTracker(moved, next, labels + 1, missed + (score > own.orElse(general) ? 1 : 0));
  }
}
