package io.clipper.selection;

import io.clipper.model.ModelId;
import java.util.List;
import java.util.random.RandomGenerator;

/** A rule that chooses and weighs candidates, and learns from what they lost. State in, state out. */
public interface SelectionPolicy<S extends PolicyState> {
  /** Kebab-case, as settings write it. */
  String name();

  /** Nothing learned, no candidate known. */
  S start();

  /** The state with one more candidate in it, which starts from what is believed of it; a known candidate changes nothing. */
  S admit(S state, ModelId newcomer, Prior prior);

  /** Who is asked, each with its probability of being observed. The candidates were admitted before, and are at least one. */
  Selection select(S state, List<ModelId> candidates, int maxAsked, RandomGenerator random);

  /** Each candidate's share of the choice or of the vote, in the order given; they sum to one. */
  double[] weights(S state, List<ModelId> candidates);

  /** The state after what one query taught; updates divide by the probabilities that were stored, never by today's. */
  S observe(S state, Observation observation);
}
