package io.clipper.combine;

import io.clipper.model.ModelId;
import io.clipper.model.Output;

/** A model's answer that arrived in time, and the weight the model had when it was asked, at least 0. */
public record Vote(ModelId model, double weight, Output output) {
  public Vote {
    checkWeight(model, weight);
  }

  static void checkWeight(ModelId model, double weight) {
    if (!(weight >= 0 && weight <= Double.MAX_VALUE)) {
      throw new IllegalArgumentException("weight %s of %s is below 0 or not finite".formatted(weight, model));
    }
  }
}
