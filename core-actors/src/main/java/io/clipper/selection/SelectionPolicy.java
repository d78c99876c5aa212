package io.clipper.selection;

import io.clipper.model.ModelId;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * A rule that weighs and chooses candidates, and learns from what they lost. State in, state out; a model's state stays when it is no
 * candidate any more, for the day it returns.
 */
public interface SelectionPolicy<S extends PolicyState> {
  /** Kebab-case, as settings write it. */
  String name();

  /** Whether it draws one model to answer, however many are asked; else it weighs those that were asked. */
  boolean plays();

  default Propensity propensity() {
    return Propensity.EXACT;
  }

  Sharing<S> sharing();

  Class<S> stateType();

  /** Nothing learned, no candidate known. */
  S start();

  /**
   * The state with candidates in it that it does not know.
   *
   * @param peers the candidates it knows, to which the newcomers are compared
   */
  S admit(S state, List<ModelId> peers, List<Prior> newcomers);

  /**
   * Each candidate's share of the choice or of the vote, in the order given; they sum to one. The candidates were admitted before, and are
   * at least one. Where they are {@link Propensity#ESTIMATED} this is much dearer than to select.
   *
   * @param young for each candidate, whether too little is known of it for more than an equal share
   */
  double[] weights(S state, List<ModelId> candidates, boolean[] young);

  /** The same at a query's features, for the policies that go by them. */
  default double[] weights(S state, List<ModelId> candidates, boolean[] young, Features features) {
    return weights(state, candidates, young);
  }

  /** Who is asked, each with its probability of being observed. */
  default Selection select(
      S state, List<ModelId> candidates, boolean[] young, Features features, int maxAsked, RandomGenerator random) {
    double[] weights = weights(state, candidates, young, features);
    return plays() ? Asking.one(candidates, weights, propensity(), random) : Asking.many(candidates, weights, maxAsked, random);
  }

  /**
   * The state after what one query taught; updates divide by the probabilities that were stored, never by today's. The candidates were
   * admitted before.
   */
  S observe(S state, Observation observation);
}
