package io.clipper.gateway.metrics;

import io.clipper.application.Prediction;
import java.util.Locale;

/** How a request ended; the label's value is the name in lower case. */
public enum Outcome {
  /** The models' answer. */
  OK,
  /** The application's default output, for a reason other than the two below. */
  DEFAULT,
  /** The request was wrong. */
  INVALID,
  /** There was no room for it. */
  REJECTED,
  /** No model had answered by the deadline. */
  EXPIRED,
  /** The client left before the answer. */
  CANCELLED,
  /** A bug of ours. */
  ERROR;

  /** Of an answer, whatever it is. */
  public static Outcome of(Prediction prediction) {
    if (!prediction.isDefault()) {
      return OK;
    }
    boolean late = prediction.defaultReason().filter(Prediction.LATE::equals).isPresent();
    return prediction.refused() ? REJECTED : late ? EXPIRED : DEFAULT;
  }

  String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Whether the client got the application's default output for want of an answer. */
  boolean isDefault() {
    return this == DEFAULT || this == REJECTED || this == EXPIRED;
  }
}
