package io.clipper.combine;

/**
 * A rule that learns from labels how to combine. State in, state out. What it learns from a label are the answers as they were given before
 * the label was known, so that each prediction that it is measured by is one it could have made.
 */
interface LearningCombiner<S extends CombinerState> {
  Class<S> stateType();

  /** Nothing learned. */
  S start();

  /** The combiner that has learned this. */
  Combiner with(S state);

  S observe(S state, Labelled labelled);
}
