package io.clipper.replica;

import io.clipper.model.ModelId;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The {@link ReplicaMeters} of the versions that there are: one for all copies of a version, as a registry keeps the first that it is given. */
public final class VersionMeters {
  private final MeterRegistry registry;
  private final Predicate<ModelId> isKnown;
  private final Map<ModelId, ReplicaMeters> meters = new ConcurrentHashMap<>();

  /** @param isKnown whether there is that version, by the newest catalog */
  public VersionMeters(MeterRegistry registry, Predicate<ModelId> isKnown) {
    this.registry = registry;
    this.isKnown = isKnown;
  }

  /** Of a version that is gone nothing more is written down: what drains would bring its meters back. */
  ReplicaMetrics of(ModelId model) {
    ReplicaMeters known = meters.compute(model, (id, before) -> before != null || !isKnown.test(id) ? before : new ReplicaMeters(registry, id));
    return known == null ? ReplicaMetrics.NONE : known;
  }

  /** The batches of a version's copies, by their size. */
  public List<BatchTally> batches(ModelId model) {
    return Optional.ofNullable(meters.get(model)).map(ReplicaMeters::batches).orElse(List.of());
  }

  /** Takes the meters of the versions that are gone from the registry. */
  void tidy() {
    meters.keySet().forEach(model -> meters.computeIfPresent(model, this::unlessGone));
  }

  private @Nullable ReplicaMeters unlessGone(ModelId model, ReplicaMeters of) {
    if (isKnown.test(model)) {
      return of;
    }
    of.remove();
    return null;
  }
}
