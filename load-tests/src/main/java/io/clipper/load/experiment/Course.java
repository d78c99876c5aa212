package io.clipper.load.experiment;

import io.clipper.application.Prediction;
import java.util.Optional;

/** How one policy did while models broke and recovered. */
final class Course {
  /** Over so many queries errors are counted. */
  static final int WINDOW = 300;

  /** As many errors more than before as are no matter. */
  private static final double NEAR = 0.02;

  private final String policy;
  private final Series wrong;
  private final Series defaults;
  private final Series weights;

  Course(String policy, int queries) {
    this.policy = policy;
    wrong = new Series(queries);
    defaults = new Series(queries);
    weights = new Series(queries);
  }

  void answered(Prediction prediction, String label) {
    wrong.add(prediction.isDefault() || prediction.output().label().filter(label::equals).isEmpty());
    defaults.add(prediction.isDefault());
  }

  /**
   * @param weight that the models which break have now
   * @param queries since the last look
   */
  void looked(double weight, int queries) {
    for (int i = 0; i < queries; i++) {
      weights.add(weight);
    }
  }

  String policy() {
    return policy;
  }

  Series wrong() {
    return wrong;
  }

  Series defaults() {
    return defaults;
  }

  Series weights() {
    return weights;
  }

  double weight(int query) {
    return weights.at(query - 1);
  }

  /** The share of errors before the fault, but for the first queries, of which it learned whom to trust. */
  double before(int fault) {
    return wrong.mean(WINDOW, fault);
  }

  /** How many queries after the fault the first window begins in which it errs hardly more often than before; empty for none. */
  Optional<Integer> recovered(int fault, int restored) {
    for (int start = fault; start + WINDOW <= restored; start++) {
      if (wrong.mean(start, start + WINDOW) <= before(fault) + NEAR + 1e-9) {
        return Optional.of(start - fault);
      }
    }
    return Optional.empty();
  }

  /** How many queries after the restoration the models that broke have half of the weight that they had before they did. */
  Optional<Integer> back(int fault, int restored) {
    double half = weight(fault) / 2;
    for (int query = restored; query < weights.size(); query++) {
      if (weights.at(query) >= half) {
        return Optional.of(query - restored);
      }
    }
    return Optional.empty();
  }
}
