package io.clipper.certainty;

import java.util.OptionalDouble;

/**
 * What promises have come to once their labels were known.
 *
 * @param labels how many
 * @param missed of them
 * @param sizes the sum of what those that were bounded let in
 * @param unbounded how many let in everything
 */
public record Reached(long labels, long missed, double sizes, long unbounded) {
  public static final Reached NONE = new Reached(0, 0, 0, 0);

  /** How many labels the interval is made to be narrowest at. */
  private static final double NARROWEST_AT = 1_000;

  private static final double DOUBT = 0.05;

  /** @param size infinite where everything was let in */
  Reached after(boolean wasMissed, double size) {
    boolean bounded = size < Double.POSITIVE_INFINITY;
    return new Reached(labels + 1, missed + (wasMissed ? 1 : 0), sizes + (bounded ? size : 0), unbounded + (bounded ? 0 : 1));
  }

  /** The share of labels that were in what was issued; empty before the first. */
  public OptionalDouble coverage() {
    return labels > 0 ? OptionalDouble.of(1 - (double) missed / labels) : OptionalDouble.empty();
  }

  /** Classes in a set, or the width of an interval, on average over those that were bounded. */
  public OptionalDouble meanSize() {
    return labels > unbounded ? OptionalDouble.of(sizes / (labels - unbounded)) : OptionalDouble.empty();
  }

  /** At least the coverage that was promised on average is above this at all times at once, with a probability of 97.5 %. */
  public double least() {
    return Math.max(0, coverage().orElse(0) - halfWidth());
  }

  /** Its counterpart above; both hold together with 95 %. */
  public double most() {
    return Math.min(1, coverage().orElse(1) + halfWidth());
  }

  /**
   * The two-sided normal mixture for means of what is between 0 and 1, whose distance from what was to be expected is sub-Gaussian with
   * σ = ½ whatever the dependence: σ √(2 (tρ² + 1) / (t²ρ²) ln(√(tρ² + 1) / δ)) (Howard, Ramdas, McAuliffe, Sekhon: Time-uniform,
   * nonparametric, nonasymptotic confidence sequences, Annals of Statistics 2021).
   */
  private double halfWidth() {
    if (labels == 0) {
      return 1;
    }
    double rho = (-2 * Math.log(DOUBT) + Math.log(1 - 2 * Math.log(DOUBT))) / NARROWEST_AT;
    double mixed = labels * rho + 1;
    return 0.5 * Math.sqrt(2 * mixed / ((double) labels * labels * rho) * Math.log(Math.sqrt(mixed) / DOUBT));
  }
}
