package io.clipper.selection;

import io.clipper.model.ModelId;
import java.util.List;

/** A policy that goes by each model's mean loss and how often it was observed. */
interface MeanPolicy extends SelectionPolicy<Means> {
  @Override
  default Sharing<Means> sharing() {
    return new Sharing.Folded<>(Means::plus);
  }

  @Override
  default Class<Means> stateType() {
    return Means.class;
  }

  @Override
  default Means start() {
    return Means.NONE;
  }

  @Override
  default Means admit(Means state, List<ModelId> peers, List<Prior> newcomers) {
    return state.admit(newcomers);
  }

  @Override
  default Means observe(Means state, Observation observation) {
    return state.observe(observation);
  }
}
