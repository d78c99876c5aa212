package io.clipper.selection;

import io.clipper.model.ModelId;
import java.util.List;

/** A policy that learns nothing: its weights depend on the candidates alone. */
interface FixedPolicy extends SelectionPolicy<Nothing> {
  @Override
  default Sharing<Nothing> sharing() {
    return new Sharing.Apart<>();
  }

  @Override
  default Class<Nothing> stateType() {
    return Nothing.class;
  }

  @Override
  default Nothing start() {
    return new Nothing();
  }

  @Override
  default Nothing admit(Nothing state, List<ModelId> peers, List<Prior> newcomers) {
    return state;
  }

  @Override
  default Nothing observe(Nothing state, Observation observation) {
    return state;
  }
}
