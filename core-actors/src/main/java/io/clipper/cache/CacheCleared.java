package io.clipper.cache;

import io.clipper.bulletin.Value;

/**
 * That a node's operator wants every node's cache empty.
 *
 * @param number counts that node's orders, so that each is another value
 */
public record CacheCleared(long number) implements Value {
  /** Under which it is told. */
  public static final String TOPIC = "cache-cleared";
}
