package io.clipper.gateway.oip;

import io.clipper.application.Prediction;
import io.clipper.certainty.Certainty;
import io.clipper.certainty.Certainty.PredictionInterval;
import io.clipper.certainty.Certainty.PredictionSet;
import io.clipper.gateway.Json;
import io.clipper.gateway.clipper.CertaintyWriter;
import io.clipper.model.Tensor;
import java.util.List;
import java.util.Optional;

/** The rows' sets or intervals as a tensor, where answers carry such. */
final class CertaintyOutputs {
  private CertaintyOutputs() {}

  /** Each as its JSON, as sets differ in size; {@code null} for a row that was answered by default. */
  static Optional<WireTensor> sets(String name, List<Prediction> predictions) {
    return predictions.stream().anyMatch(one -> one.certainty().filter(PredictionSet.class::isInstance).isPresent())
        ? Optional.of(Stacking.texts(name, predictions.stream().map(one -> one.certainty().map(CertaintyOutputs::text).orElse("null")).toList()))
        : Optional.empty();
  }

  /** Two ends for each row, of one row without a batch, too; infinite where nothing bounds it; NaN for a row that was answered by default. */
  static Optional<WireTensor> intervals(String name, List<Prediction> predictions) {
    return predictions.stream().anyMatch(one -> one.certainty().filter(PredictionInterval.class::isInstance).isPresent())
        ? Optional.of(Stacking.stack(name, predictions.stream().map(CertaintyOutputs::ends).toList(), true))
        : Optional.empty();
  }

  /** As the answer over JSON has it. */
  static String text(Certainty certainty) {
    return Json.write(json -> CertaintyWriter.writeValue(json, certainty)).utf8String();
  }

  private static Tensor ends(Prediction prediction) {
    return prediction.certainty().isPresent() && prediction.certainty().get() instanceof PredictionInterval interval
        ? Tensor.ofDoubles(interval.low(), interval.high())
        : Tensor.ofDoubles(Double.NaN, Double.NaN);
  }
}
