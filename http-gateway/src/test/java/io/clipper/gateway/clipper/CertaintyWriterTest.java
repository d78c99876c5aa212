package io.clipper.gateway.clipper;

import static org.assertj.core.api.Assertions.assertThat;

import io.clipper.application.Prediction;
import io.clipper.certainty.Certainty;
import io.clipper.certainty.Certainty.PredictionInterval;
import io.clipper.certainty.Certainty.PredictionSet;
import io.clipper.gateway.Json;
import io.clipper.model.Output;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

class CertaintyWriterTest {
  @Test
  void aSetIsItsClasses() {
    assertThat(written(new PredictionSet(List.of("3", "a\"b"), false, true))).endsWith(",\"set\":[\"3\",\"a\\\"b\"],\"calibrated\":true}");
    assertThat(written(new PredictionSet(List.of(), false, true))).endsWith(",\"set\":[],\"calibrated\":true}");
  }

  @Test
  void aSetOfEverythingWhereNoClassIsNamedIsNull() {
    assertThat(written(new PredictionSet(List.of(), true, false))).endsWith(",\"set\":null,\"calibrated\":false}");
    assertThat(written(new PredictionSet(List.of("3"), true, false))).endsWith(",\"set\":[\"3\"],\"calibrated\":false}");
  }

  @Test
  void anIntervalHasTwoEndsOrNone() {
    assertThat(written(new PredictionInterval(-1.5, 2, true))).endsWith(",\"interval\":[-1.5,2.0],\"calibrated\":true}");
    assertThat(written(new PredictionInterval(Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY, false)))
        .endsWith(",\"interval\":[null,null],\"calibrated\":false}");
    assertThat(written(new PredictionInterval(Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, true)))
        .endsWith(",\"interval\":[],\"calibrated\":true}");
  }

  private static String written(Certainty certainty) {
    OptionalDouble nothing = OptionalDouble.empty();
    Prediction prediction =
        new Prediction(7, Output.of(3L), Optional.empty(), false, nothing, nothing, List.of(), Optional.empty(), Optional.of(certainty));
    return Json.write(json -> PredictionWriter.write(json, prediction)).utf8String();
  }
}
