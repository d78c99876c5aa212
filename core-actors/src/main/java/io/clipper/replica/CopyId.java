package io.clipper.replica;

import io.clipper.model.ModelId;
import java.util.OptionalInt;

/**
 * One of the copies of a version that are wanted, on whatever node.
 *
 * @param replica its number among them, from 0
 */
public record CopyId(ModelId model, int replica) {
  private static final String MARK = "#";

  /** Its name in a {@link Placement}. */
  String key() {
    return model + MARK + replica;
  }

  /** The number of the model's copy that has this name; empty where it is another's. */
  static OptionalInt numberOf(ModelId model, String key) {
    String prefix = model + MARK;
    return key.startsWith(prefix) && key.substring(prefix.length()).matches("[0-9]{1,9}")
        ? OptionalInt.of(Integer.parseInt(key.substring(prefix.length())))
        : OptionalInt.empty();
  }
}
