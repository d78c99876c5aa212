package io.clipper.selection;

/** How weights follow from scores, the less the heavier. A constant added to all scores changes no weight. */
interface Potential {
  /** They sum to one. */
  double[] weights(double[] scores);

  /** A soft minimum, between the least score and their mean; it grows by what is added to all. */
  double own(double[] scores);
}
