package io.clipper.replica;

import io.clipper.bulletin.Value;

/** Which node runs which copies, as the oldest of those that run any has decided. */
public record Placed(Placement placement) implements Value {
  /** Under which it is told. */
  public static final String TOPIC = "placement";
}
