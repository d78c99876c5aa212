package io.clipper.replica;

import io.clipper.model.ModelId;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What this node knows of where the wanted copies run.
 *
 * @param mayRun of each wanted version, how many nodes may run it
 * @param nowhere the copies that no node may run, each as failed with the reason
 * @param here this node's; empty where the placement has not reckoned with this node yet, or does no more
 */
record Placing(Map<ModelId, Integer> mayRun, List<ReplicaStatus> nowhere, Optional<Set<CopyId>> here) {
  static final Placing UNKNOWN = new Placing(Map.of(), List.of(), Optional.empty());

  Placing {
    mayRun = Map.copyOf(mayRun);
    nowhere = List.copyOf(nowhere);
    here = here.map(Set::copyOf);
  }
}
