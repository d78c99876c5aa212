package io.clipper.gateway.metrics;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.LongSupplier;

/** The rates of what others count, by how the counts have grown when somebody looks. */
final class Throughputs {
  private static final class Seen {
    private final Rate rate;
    private long total;

    private Seen(Rate rate) {
      this.rate = rate;
    }
  }

  private final LongSupplier nanoClock;
  private final long startedAt;
  private final Map<String, Seen> byName = new HashMap<>();

  Throughputs(LongSupplier nanoClock) {
    this.nanoClock = nanoClock;
    this.startedAt = nanoClock.getAsLong();
  }

  /** Of a count that is so large now, and was nothing when this was made; one that became smaller begins anew. */
  synchronized Rate of(String name, long total) {
    Seen seen = byName.computeIfAbsent(name, ignored -> new Seen(new Rate(nanoClock, startedAt)));
    if (total < seen.total) {
      seen = new Seen(new Rate(nanoClock));
      byName.put(name, seen);
    }
    seen.rate.markAll(total - seen.total);
    seen.total = total;
    return seen.rate;
  }

  synchronized void keepOnly(Set<String> names) {
    byName.keySet().retainAll(names);
  }
}
