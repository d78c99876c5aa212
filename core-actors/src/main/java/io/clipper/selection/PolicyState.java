package io.clipper.selection;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import io.clipper.model.ModelId;
import java.util.List;

/** What one policy remembers: an immutable value that the ledger's snapshots write by Jackson, under the names given here. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME)
@JsonSubTypes({
  @JsonSubTypes.Type(value = Nothing.class, name = "nothing"),
  @JsonSubTypes.Type(value = Means.class, name = "means"),
  @JsonSubTypes.Type(value = RelativeLosses.class, name = "relative-losses"),
  @JsonSubTypes.Type(value = Regressions.class, name = "regressions"),
  @JsonSubTypes.Type(value = LossSums.class, name = "loss-sums"),
  @JsonSubTypes.Type(value = AdaHedge.Hedged.class, name = "hedged"),
  @JsonSubTypes.Type(value = FixedShare.LogWeights.class, name = "log-weights")
})
public interface PolicyState {
  /** Whether all of these were admitted. */
  boolean knows(List<ModelId> models);

  /** The same without a model that will not come back; one that is not there changes nothing. */
  PolicyState without(ModelId model);
}
