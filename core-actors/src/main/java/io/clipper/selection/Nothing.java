package io.clipper.selection;

import io.clipper.model.ModelId;
import java.util.List;

/** What a policy remembers that does not learn. */
public record Nothing() implements PolicyState {
  @Override
  public boolean knows(List<ModelId> models) {
    return true;
  }

  @Override
  public Nothing without(ModelId model) {
    return this;
  }
}
