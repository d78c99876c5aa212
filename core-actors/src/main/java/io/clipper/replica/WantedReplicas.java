package io.clipper.replica;

import io.clipper.catalog.Application;
import io.clipper.catalog.Model;
import io.clipper.catalog.ModelVersion;
import io.clipper.model.runtime.RuntimeSpec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Which copies a catalog asks the nodes to run: of every model the version in use, its canary, and the one before it, so that a roll-back
 * finds it warm.
 * What announces itself is not started by a node.
 */
public final class WantedReplicas {
  /** For a model that no application asks yet: half of the 100 ms that Clipper's examples use. */
  public static final Duration DEFAULT_OBJECTIVE = Duration.ofMillis(50);

  /**
   * @param replicas how many copies, or {@link Model#EVERY_NODE}
   * @param numbers the copies' own; of one for every node the placement gives them
   * @param objective what a batch should take at most
   */
  public record Wanted(ModelVersion version, int replicas, SortedSet<Integer> numbers, Duration objective) {
    public Wanted {
      numbers = Collections.unmodifiableSortedSet(new TreeSet<>(numbers));
    }

    /** Numbered from 0, as far as it is known how many. */
    public Wanted(ModelVersion version, int replicas, Duration objective) {
      this(version, replicas, IntStream.range(0, replicas).boxed().collect(Collectors.toCollection(TreeSet::new)), objective);
    }

    Wanted numbered(Set<Integer> newNumbers) {
      return new Wanted(version, replicas, new TreeSet<>(newNumbers), objective);
    }

    boolean isForEveryNode() {
      return replicas == Model.EVERY_NODE;
    }

    boolean wants(CopyId copy) {
      return version.id().equals(copy.model()) && numbers.contains(copy.replica());
    }

    List<CopyId> copies() {
      return numbers.stream().map(number -> new CopyId(version.id(), number)).toList();
    }
  }

  private WantedReplicas() {}

  public static List<Wanted> of(Collection<Model> models, Collection<Application> applications) {
    List<Wanted> wanted = new ArrayList<>();
    for (Model model : models) {
      Duration objective = objective(model.name(), applications);
      Stream.of(model.currentVersion(), model.canaryVersion(), before(model))
          .flatMap(Optional::stream)
          .distinct()
          .filter(version -> !(version.runtime() instanceof RuntimeSpec.Announced))
          .forEach(version -> wanted.add(new Wanted(version, model.replicas(), objective)));
    }
    return wanted;
  }

  /** What a batch of that model should take: half the strictest objective, a query may have to wait for a whole batch before its own (Nexus, SOSP 2019, 4.1). */
  public static Duration objective(String model, Collection<Application> applications) {
    return applications.stream()
        .filter(application -> application.models().contains(model))
        .map(Application::slo)
        .min(Duration::compareTo)
        .map(slo -> slo.dividedBy(2))
        .orElse(DEFAULT_OBJECTIVE);
  }

  private static Optional<ModelVersion> before(Model model) {
    return model.previous().reversed().stream()
        .filter(version -> model.versions().containsKey(version) && !model.current().equals(Optional.of(version)))
        .map(version -> Optional.ofNullable(model.versions().get(version)))
        .flatMap(Optional::stream)
        .findFirst();
  }
}
