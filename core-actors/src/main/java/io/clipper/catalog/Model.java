package io.clipper.catalog;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A model's versions by name in the order in which they came, the one in use, and those that were in use before it, latest last.
 *
 * <p>A model whose last version was deleted has none in use, and stays while an application is linked to it.
 *
 * @param previous versions that are still there, none twice, without the one in use
 * @param replicas how many copies of each version in use are wanted, or {@link #EVERY_NODE}
 * @param canary a version that takes some of the queries beside the one in use; with the one in use changed, it is over
 */
public record Model(
    String name, Map<String, ModelVersion> versions, Optional<String> current, List<String> previous, int replicas, Optional<Canary> canary) {
  /** For as many copies as there are nodes that may run them, one on each. A release that does not know it starts none. */
  public static final int EVERY_NODE = -1;

  public Model {
    versions = Collections.unmodifiableMap(new LinkedHashMap<>(versions));
    previous = List.copyOf(previous);
  }

  /** One without a canary. */
  public Model(String name, Map<String, ModelVersion> versions, Optional<String> current, List<String> previous, int replicas) {
    this(name, versions, current, previous, replicas, Optional.empty());
  }

  public Optional<ModelVersion> canaryVersion() {
    return canary.map(Canary::version).map(versions::get);
  }

  public Optional<ModelVersion> currentVersion() {
    return current.map(versions::get);
  }

  /** With a further version, in use. */
  Model withVersion(ModelVersion version) {
    return staging(version).using(version.id().version());
  }

  /** With a further version, which is not in use. */
  Model staging(ModelVersion version) {
    Map<String, ModelVersion> more = new LinkedHashMap<>(versions);
    more.put(version.id().version(), version);
    return new Model(name, more, current, previous, replicas, canary);
  }

  Model withCanary(Optional<Canary> newCanary) {
    return new Model(name, versions, current, previous, replicas, newCanary);
  }

  /** With another of its versions in use, and the one before it remembered as the way back. */
  Model using(String version) {
    List<String> past = new ArrayList<>(previous);
    current.ifPresent(
        left -> {
          past.remove(left);
          past.add(left);
        });
    past.remove(version);
    return new Model(name, versions, Optional.of(version), past, replicas);
  }

  /** With an earlier version in use again; what came after it is forgotten as a way back. */
  Model backTo(String version) {
    int found = previous.lastIndexOf(version);
    return new Model(name, versions, Optional.of(version), found < 0 ? previous : previous.subList(0, found), replicas);
  }

  Model withoutVersion(String version, Optional<String> inUse) {
    Map<String, ModelVersion> fewer = new LinkedHashMap<>(versions);
    fewer.remove(version);
    List<String> past = new ArrayList<>(previous);
    past.remove(version);
    inUse.ifPresent(past::remove);
    boolean stays = inUse.equals(current) && canary.filter(taking -> !taking.version().equals(version)).isPresent();
    return new Model(name, fewer, inUse, past, replicas, stays ? canary : Optional.empty());
  }

  Model withReplicas(int newReplicas) {
    return new Model(name, versions, current, previous, newReplicas, canary);
  }
}
