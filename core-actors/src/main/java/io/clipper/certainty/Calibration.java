package io.clipper.certainty;

/**
 * Makes a confidence mean how often such an answer is right: p = σ(a logit(p₀) + b), with b = 0 where only a temperature is wanted, learned
 * by one Newton step a label on the log loss (Gupta and Ramdas: Online Platt scaling with calibeating, ICML 2023). It believes that a and b
 * wander, and so follows models that change. An immutable value.
 *
 * @param shifts whether b is learned too
 * @param aa variance of what is believed of a
 * @param ab covariance
 * @param bb variance of what is believed of b
 */
public record Calibration(boolean shifts, double a, double b, double aa, double ab, double bb, long labels) {
  private static final double LEAST = 1e-3;

  /** Before any label, a and b are believed to be within 0.3 of where they start. */
  private static final double DOUBT = 0.1;

  /** a and b wander by 0.03 in a thousand labels: what they were some thousand labels ago counts little. */
  private static final double WANDERING = 1e-6;

  /** A confidence that says more would be turned round. */
  private static final double LEAST_SLOPE = 0.01;

  static Calibration start(boolean shifts) {
    return new Calibration(shifts, 1, 0, DOUBT, 0, shifts ? DOUBT : 0, 0);
  }

  /** @param confidence 0..1 */
  public double of(double confidence) {
    return probability(logit(confidence));
  }

  /** @param confidence as it was before calibration */
  Calibration after(double confidence, boolean right) {
    double x = logit(confidence);
    double probability = probability(x);
    double error = (right ? 1 : 0) - probability;
    double curvature = Math.max(probability * (1 - probability), LEAST);
    double gainA = aa * x + ab;
    double gainB = ab * x + bb;
    double noise = 1 / curvature + gainA * x + gainB;
    double step = error / (curvature * noise);
    return new Calibration(
        shifts,
        Math.clamp(a + gainA * step, LEAST_SLOPE, 1 / LEAST_SLOPE),
        Math.clamp(b + gainB * step, -1 / LEAST_SLOPE, 1 / LEAST_SLOPE),
        aa - gainA * gainA / noise + WANDERING,
        ab - gainA * gainB / noise,
        bb - gainB * gainB / noise + (shifts ? WANDERING : 0),
        labels + 1);
  }

  private double probability(double x) {
    return 1 / (1 + StrictMath.exp(-(a * x + b)));
  }

  private static double logit(double confidence) {
    double inside = Math.clamp(confidence, LEAST, 1 - LEAST);
    return StrictMath.log(inside / (1 - inside));
  }
}
