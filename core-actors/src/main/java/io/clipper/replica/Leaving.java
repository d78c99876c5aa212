package io.clipper.replica;

import io.clipper.bulletin.Value;

/** This node is about to stop: what it runs is to be warm elsewhere by then. */
public record Leaving() implements Value {
  /** Under which it is told. */
  public static final String TOPIC = "leaving";
}
