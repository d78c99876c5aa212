package io.clipper.replica;

import static org.assertj.core.api.Assertions.assertThat;

import io.clipper.membership.NodeRoles;
import io.clipper.model.runtime.RuntimeSpec;
import io.clipper.model.runtime.WorkerOptions;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class NeedsTest {
  private static final RuntimeSpec GPU = new RuntimeSpec.Isolated(new RuntimeSpec.Onnx(Optional.of("cuda:0")), WorkerOptions.DEFAULT);

  @Test
  void anInterpreterOfOneMachineTiesTheModelToIt() {
    assertThat(Needs.of(python(Optional.of("lab-7")), false)).containsExactlyInAnyOrder(NodeRoles.REPLICA, NodeRoles.machine("lab-7"));
    assertThat(Needs.of(python(Optional.empty()), true)).containsExactly(NodeRoles.REPLICA);
  }

  @Test
  void aCommandIsStartedOnItsMachineOnly() {
    RuntimeSpec.Command command =
        new RuntimeSpec.Command(
            List.of("serve", "{port}"), Optional.empty(), "", "", Optional.empty(), false, WorkerOptions.DEFAULT, Optional.empty());

    assertThat(Needs.of(command.at("lab-7"), false)).containsExactlyInAnyOrder(NodeRoles.REPLICA, NodeRoles.machine("lab-7"));
  }

  @Test
  void aModelForAGpuGoesWhereOneIsAndIsRefusedWhereverItLandsIfThereIsNone() {
    assertThat(Needs.of(GPU, true)).containsExactlyInAnyOrder(NodeRoles.REPLICA, NodeRoles.GPU);
    assertThat(Needs.of(GPU, false)).containsExactly(NodeRoles.REPLICA);
    assertThat(Needs.of(new RuntimeSpec.Onnx(), true)).containsExactly(NodeRoles.REPLICA);
  }

  private static RuntimeSpec python(Optional<String> machine) {
    return new RuntimeSpec.Python("model.py:predict", Optional.of("doubles"), machine.map(name -> "/opt/venv/bin/python"), WorkerOptions.DEFAULT, machine);
  }
}
