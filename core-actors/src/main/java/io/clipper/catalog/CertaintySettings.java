package io.clipper.catalog;

import java.util.List;
import java.util.Optional;

/**
 * How sure an application's answers are to be, and say that they are.
 *
 * @param coverage the share of labelled answers whose set or interval is to hold the label, 0.5..0.999; empty: answers carry none
 * @param calibration how {@code confidence} is calibrated: {@code none}, {@code temperature} or {@code platt}
 * @param watch whether models are watched for changes: {@code none}, or {@code adwin}
 */
public record CertaintySettings(Optional<Double> coverage, String calibration, String watch) {
  private static final List<String> CALIBRATIONS = List.of("none", "temperature", "platt");
  private static final List<String> WATCHES = List.of("none", "adwin");
  private static final double LEAST_COVERAGE = 0.5;
  private static final double MOST_COVERAGE = 0.999;

  public static final CertaintySettings DEFAULT = new CertaintySettings(Optional.empty(), "none", "none");

  /** Throws {@link IllegalArgumentException} that names the setting, what it is and what it may be. */
  void check() {
    LearningSettings.oneOf("calibration", calibration, CALIBRATIONS);
    LearningSettings.oneOf("watch", watch, WATCHES);
    if (coverage.filter(share -> !(share >= LEAST_COVERAGE && share <= MOST_COVERAGE)).isPresent()) {
      throw new IllegalArgumentException("coverage %s is outside %s..%s".formatted(coverage.get(), LEAST_COVERAGE, MOST_COVERAGE));
    }
  }
}
