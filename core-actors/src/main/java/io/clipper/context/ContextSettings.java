package io.clipper.context;

import com.typesafe.config.Config;
import java.time.Duration;

/**
 * How contexts are kept.
 *
 * @param maxBytes of one partition's contexts in memory that are as their rows say
 * @param writeInterval how old what is newer than its row may become
 * @param readWait how long a query waits for its context's row at most
 * @param maxUnwritten lessons that may be in no row; feedback with a context is refused beyond
 */
public record ContextSettings(long maxBytes, Duration writeInterval, Duration readWait, int maxUnwritten) {
  /** Reads {@code clipper.contexts}. */
  public static ContextSettings of(Config config) {
    Config contexts = config.getConfig("clipper.contexts");
    return new ContextSettings(
        contexts.getBytes("max-bytes"),
        contexts.getDuration("write-interval"),
        contexts.getDuration("read-wait"),
        contexts.getInt("max-unwritten"));
  }

  /** When a query stops waiting: a quarter of the time it has, where that is less. */
  public long readBy(long deadlineNanos, long nowNanos) {
    return nowNanos + Math.clamp((deadlineNanos - nowNanos) / 4, 0, readWait.toNanos());
  }

  /** Those of one partition of so many, which together have the memory of one. */
  public ContextSettings sharedBy(int partitions) {
    return new ContextSettings(maxBytes / partitions, writeInterval, readWait, maxUnwritten);
  }

  /** One partition's memory. */
  public ContextMemory memory() {
    return new ContextMemory(maxBytes, writeInterval);
  }
}
