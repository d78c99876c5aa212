package io.clipper.change;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import io.clipper.model.ModelId;

/** What was noticed. A snapshot writes it under the names given here. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME)
@JsonSubTypes({
  @JsonSubTypes.Type(value = Changed.Worsened.class, name = "worsened"),
  @JsonSubTypes.Type(value = Changed.DataDrift.class, name = "data-drift")
})
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
