package io.clipper.cache;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import io.clipper.model.Input;
import io.clipper.model.ModelId;
import io.clipper.model.Output;
import java.util.Collection;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;
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
  private final LongAdder hits = new LongAdder();
  private final LongAdder misses = new LongAdder();

  public PredictionCache(CacheSettings settings, LongSupplier nanoClock) {
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

  /** What that version said of that input; counts a hit or a miss. */
  public Optional<Output> get(Input input, ModelId model) {
    Optional<Output> output = lookup(input).by(model);
    (output.isPresent() ? hits : misses).increment();
    return output;
  }

  /** What is known of that input; counts a hit or a miss for each version asked. */
  public Known lookup(Input input, Collection<ModelId> asked) {
    Known known = lookup(input);
    long found = known.isEmpty() ? 0 : asked.stream().filter(model -> known.by(model).isPresent()).count();
    hits.add(found);
    misses.add(asked.size() - found);
    return known;
  }

  /** What is known of that input; counts nothing. */
  public Known lookup(Input input) {
    Known known = cache.getIfPresent(input);
    return known == null ? Known.NOTHING : known;
  }

  public void put(Input input, ModelId model, Output output) {
    cache.asMap().merge(input, Known.of(model, output), Known::and);
  }

  public void clear() {
    cache.invalidateAll();
  }

  public long hits() {
    return hits.sum();
  }

  public long misses() {
    return misses.sum();
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
