package io.clipper.replica;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** How often a copy may stop by itself within a time before it counts as one that does not work. */
public record CrashLimit(int crashes, Duration window) {
  public CrashLimit {
    if (crashes < 1) {
      throw new IllegalArgumentException("clipper.replica.crash-limit %d is below 1".formatted(crashes));
    }
  }

  /** Those crashes and one more, without those that time has made up for. */
  List<Long> after(List<Long> before, long nowNanos) {
    List<Long> recent = new ArrayList<>(before.stream().filter(at -> nowNanos - at < window.toNanos()).toList());
    recent.add(nowNanos);
    return recent;
  }

  boolean isReached(List<Long> recent) {
    return recent.size() >= crashes;
  }
}
