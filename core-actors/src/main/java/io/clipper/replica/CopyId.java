package io.clipper.replica;

import io.clipper.model.ModelId;

/**
 * One of the copies of a version that are wanted, on whatever node.
 *
 * @param replica its number among them, from 0
 */
public record CopyId(ModelId model, int replica) {
  /** Its name in a {@link Placement}. */
  String key() {
    return model + "#" + replica;
  }
}
