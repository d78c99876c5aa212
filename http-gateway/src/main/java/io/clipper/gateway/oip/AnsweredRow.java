package io.clipper.gateway.oip;

import io.clipper.application.Prediction;
import io.clipper.model.Output;
import java.util.Optional;

/**
 * What became of one row.
 *
 * @param prediction of an application; a model that was asked directly gives only its output
 */
record AnsweredRow(Output output, Optional<Prediction> prediction) {
  boolean isDefault() {
    return prediction.filter(Prediction::isDefault).isPresent();
  }
}
