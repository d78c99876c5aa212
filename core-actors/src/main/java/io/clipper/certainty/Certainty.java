package io.clipper.certainty;

import java.util.List;

/** What an answer says of where the truth lies. */
public sealed interface Certainty {
  /** Whether enough labels stand behind it; if not, it holds everything. */
  boolean calibrated();

  /**
   * The classes among which the label is.
   *
   * @param classes the likeliest first
   * @param whole whether it holds every class there is, named here or not
   */
  record PredictionSet(List<String> classes, boolean whole, boolean calibrated) implements Certainty {
    public PredictionSet {
      classes = List.copyOf(classes);
    }
  }

  /** The numbers between which the label is; infinite where nothing bounds it, and none at all where the low one is above the high one. */
  record PredictionInterval(double low, double high, boolean calibrated) implements Certainty {}
}
