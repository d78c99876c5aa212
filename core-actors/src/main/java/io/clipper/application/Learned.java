package io.clipper.application;

import io.clipper.bulletin.Value;
import java.nio.ByteBuffer;

/**
 * What a partition has learned, for the nodes that may have to answer in its stead.
 *
 * @param ledger a {@link Ledger} without its history, as the journal writes it
 */
public record Learned(ByteBuffer ledger) implements Value {
  private static final String TOPIC = "learned/";

  /** Under which a loop's is told. */
  static String topic(String entityId) {
    return TOPIC + entityId;
  }
}
