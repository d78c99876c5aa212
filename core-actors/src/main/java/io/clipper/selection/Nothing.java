package io.clipper.selection;

import io.clipper.model.ModelId;

/** What a policy remembers that does not learn. */
public record Nothing() implements PolicyState {
  @Override
  public Nothing without(ModelId model) {
    return this;
  }
}
