package io.clipper.selection;

import io.clipper.model.ModelId;
import java.util.List;

/**
 * A policy that chooses by what each model loses at the query's features, as a linear function of them. A query without features is one
 * whose features are all 0.
 */
interface LinearPolicy extends SelectionPolicy<Regressions> {
  @Override
  default boolean plays() {
    return true;
  }

  @Override
  default Sharing<Regressions> sharing() {
    return new Sharing.Folded<>(Regressions::plus);
  }

  @Override
  default Class<Regressions> stateType() {
    return Regressions.class;
  }

  @Override
  default Regressions start() {
    return Regressions.NONE;
  }

  @Override
  default Regressions admit(Regressions state, List<ModelId> peers, List<Prior> newcomers) {
    return state.admit(newcomers);
  }

  @Override
  default double[] weights(Regressions state, List<ModelId> candidates, boolean[] young) {
    return weights(state, candidates, young, Features.NONE);
  }

  @Override
  double[] weights(Regressions state, List<ModelId> candidates, boolean[] young, Features features);

  @Override
  default Regressions observe(Regressions state, Observation observation) {
    return state.observe(observation);
  }
}
