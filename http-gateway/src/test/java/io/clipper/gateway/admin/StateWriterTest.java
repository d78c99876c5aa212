package io.clipper.gateway.admin;

import static org.assertj.core.api.Assertions.assertThat;

import io.clipper.application.LearnedState;
import io.clipper.change.Changed;
import io.clipper.gateway.Json;
import io.clipper.model.ModelId;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

class StateWriterTest {
  private static final List<LearnedState.CandidateState> NOBODY = List.of();

  @Test
  void whatLabelsTaughtBesidesIsThereWhereItIsKept() {
    LearnedState.Assured assured =
        new LearnedState.Assured(OptionalDouble.of(.9), OptionalDouble.of(.875), .5, 1, OptionalDouble.of(1.25), 3, 8, OptionalDouble.empty());
    List<Changed> changes = List.of(new Changed.Worsened(new ModelId("net", "2"), .125, .5, 64), new Changed.DataDrift(.25, .5, 96));

    assertThat(written(new LearnedState("exp4", 8, NOBODY, Optional.of(assured), changes, List.of())))
        .isEqualTo(
            "{\"policy\":\"exp4\",\"observations\":8,\"candidates\":[],"
                + "\"certainty\":{\"wanted\":0.9,\"coverage\":0.875,\"least\":0.5,\"most\":1.0,\"mean_size\":1.25,"
                + "\"unbounded\":3,\"labels\":8,\"labelled\":null},"
                + "\"changes\":[{\"kind\":\"worsened\",\"model\":\"net:2\",\"before\":0.125,\"after\":0.5,\"labels\":64},"
                + "{\"kind\":\"data drift\",\"before\":0.25,\"after\":0.5,\"labels\":96}]}");
  }

  @Test
  void ofOtherApplicationsNothingMoreIsSaid() {
    assertThat(written(new LearnedState("exp4", 8, NOBODY))).isEqualTo("{\"policy\":\"exp4\",\"observations\":8,\"candidates\":[]}");
  }

  @Test
  void ofSeveralPartitionsEachIsShown() {
    List<LearnedState.PartitionState> partitions =
        List.of(new LearnedState.PartitionState(1, "10.0.0.5:25520", 5), new LearnedState.PartitionState(17, "10.0.0.6:25520", 3));

    assertThat(written(new LearnedState("exp4", 8, NOBODY, Optional.empty(), List.of(), partitions)))
        .isEqualTo(
            "{\"policy\":\"exp4\",\"observations\":8,\"candidates\":[],"
                + "\"partitions\":[{\"partition\":1,\"node\":\"10.0.0.5:25520\",\"observations\":5},"
                + "{\"partition\":17,\"node\":\"10.0.0.6:25520\",\"observations\":3}]}");
  }

  private static String written(LearnedState state) {
    return Json.write(json -> StateWriter.write(json, state)).utf8String();
  }
}
