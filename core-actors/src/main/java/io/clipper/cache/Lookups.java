package io.clipper.cache;

import io.clipper.model.ModelId;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.util.List;

/** How often one version's answer was wanted, and whether a replica had to be asked for it: each time counts once. */
public final class Lookups {
  public static final String NAME = "clipper.cache.lookups";

  private final Counter hits;
  private final Counter misses;
  private final Counter coalesced;

  Lookups(ModelId model, MeterRegistry registry) {
    hits = counter(model, "hit", registry);
    misses = counter(model, "miss", registry);
    coalesced = counter(model, "coalesced", registry);
  }

  /** It was known. */
  public void hit() {
    hits.increment();
  }

  /** It was not. */
  public void miss() {
    misses.increment();
  }

  /** It was on its way for somebody else. */
  public void coalesced() {
    coalesced.increment();
  }

  List<Meter> all() {
    return List.of(hits, misses, coalesced);
  }

  private static Counter counter(ModelId model, String result, MeterRegistry registry) {
    return Counter.builder(NAME).tags(Tags.of("model_name", model.name(), "model_version", model.version(), "result", result)).register(registry);
  }
}
