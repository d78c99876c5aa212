package io.clipper.change;

import io.clipper.model.ModelId;

/** What was noticed. */
public sealed interface Changed {
  /** Mean loss before. */
  double before();

  /** Mean loss since. */
  double after();

  /** How many labels it shows in. */
  long labels();

  /** One model loses more than it did, compared with the others on the same inputs; the losses are above their median. */
  record Worsened(ModelId model, double before, double after, long labels) implements Changed {}

  /** The candidates together lose more than they did: what they are asked is not what it was. No model is to blame. */
  record DataDrift(double before, double after, long labels) implements Changed {}
}
