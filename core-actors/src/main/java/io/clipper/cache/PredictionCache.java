package io.clipper.cache;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import io.clipper.model.Input;
import io.clipper.model.ModelId;
import io.clipper.model.Output;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;

/**
 * One node's predictions by input and model version. An input is looked up once for all versions, and a version's answers stay when
 * another comes into use, so that a roll-back finds them. Only answers are kept, never failures.
 */
public final class PredictionCache {
  /**
   * Heap that an input takes beside its data: Caffeine's node, the map's, the record, its list, tensor, shape and array header, and
   * {@link Known}. Measured for one tensor on a 64-bit JVM with compressed references and rounded up.
   */
  static final int ENTRY_OVERHEAD_BYTES = 320;

  /** Heap that an output takes beside its data: record, list, tensor, shape, array header and its places in {@link Known}. */
  static final int OUTPUT_OVERHEAD_BYTES = 176;

  private final Cache<Input, Known> cache;
  private final MeterRegistry meters;
  private final Map<ModelId, Lookups> lookups = new ConcurrentHashMap<>();

  /** One whose lookups nobody reads. */
  public PredictionCache(CacheSettings settings, LongSupplier nanoClock) {
    this(settings, nanoClock, new SimpleMeterRegistry());
  }

  public PredictionCache(CacheSettings settings, LongSupplier nanoClock, MeterRegistry meters) {
    this.meters = meters;
    Caffeine<Input, Known> builder =
        Caffeine.newBuilder()
            .maximumWeight(settings.maxBytes())
            .weigher(PredictionCache::weigh)
            .ticker(nanoClock::getAsLong)
            // Upkeep is some nanoseconds a write; another thread would cost a switch each time.
            .executor(Runnable::run);
    this.cache =
        settings
            .timeToLive()
            // Counted from the first answer: a second version's answer does not lengthen the life of the first's.
            .map(life -> builder.expireAfter(Expiry.<Input, Known>creating((input, known) -> life)).<Input, Known>build())
            .orElseGet(builder::build);
  }

  /** What is known of that input, for a caller that says by {@link #lookups} what it made of it. */
  public Known lookup(Input input) {
    Known known = cache.getIfPresent(input);
    return known == null ? Known.NOTHING : known;
  }

  /** What came of that version's lookups. */
  public Lookups lookups(ModelId model) {
    Lookups known = lookups.get(model);
    return known != null ? known : lookups.computeIfAbsent(model, id -> new Lookups(id, meters));
  }

  public void put(Input input, ModelId model, Output output) {
    cache.asMap().merge(input, Known.of(model, output), Known::and);
  }

  public void clear() {
    cache.invalidateAll();
  }

  /** Takes the lookups of all other versions from the registry. */
  public void countOnly(Set<ModelId> versions) {
    lookups
        .entrySet()
        .removeIf(
            entry -> {
              boolean gone = !versions.contains(entry.getKey());
              if (gone) {
                entry.getValue().all().forEach(meters::remove);
              }
              return gone;
            });
  }

  /** About how many inputs are kept. */
  public long inputs() {
    return cache.estimatedSize();
  }

  /** About how many bytes they take. */
  public long sizeInBytes() {
    return cache.policy().eviction().orElseThrow().weightedSize().orElseThrow();
  }

  private static int weigh(Input input, Known known) {
    long bytes = ENTRY_OVERHEAD_BYTES + (long) input.sizeInBytes() + known.sizeInBytes(OUTPUT_OVERHEAD_BYTES);
    return (int) Math.min(bytes, Integer.MAX_VALUE);
  }
}
