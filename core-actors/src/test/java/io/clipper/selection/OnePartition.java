package io.clipper.selection;

import io.clipper.model.ModelId;
import java.util.List;
import java.util.Map;

/** A partition that learns as its ledger does: its learner and its contribution from the same observations. */
record OnePartition(Partition partition) {
  static OnePartition start(PolicySettings policy, List<ModelId> models) {
    return start(Learner.start(policy).admit(models, Map.of()), models);
  }

  /** With what is believed already. */
  static OnePartition start(Learner believing, List<ModelId> models) {
    return new OnePartition(Partition.start(believing, Contribution.start(believing.settings()).admit(models), models));
  }

  OnePartition observe(Observation observation) {
    return new OnePartition(
        partition.follow(partition.learner().observe(observation), partition.own().observe(observation), partition.candidates()));
  }

  OnePartition hear(int of, Contribution told) {
    return new OnePartition(partition.hear(of, told));
  }

  Contribution told() {
    return partition.own();
  }

  Learner inUse() {
    return partition.inUse();
  }

  double[] weights() {
    return inUse().weights(partition.candidates()).values().stream().mapToDouble(Double::doubleValue).toArray();
  }
}
