package io.clipper.catalog;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** What an operator asks of the catalog. Each is done as a whole or not at all. */
public sealed interface CatalogChange {
  /** The links in it are made at once. */
  record AddApplication(Application application) implements CatalogChange {}

  /** Changes what is given and keeps the rest. */
  record UpdateApplication(String name, Optional<Duration> slo, Optional<String> defaultOutput, Optional<LearningSettings> learning)
      implements CatalogChange {}

  record DeleteApplication(String name) implements CatalogChange {}

  record LinkModels(String application, List<String> models) implements CatalogChange {
    public LinkModels {
      models = List.copyOf(models);
    }
  }

  record UnlinkModels(String application, List<String> models) implements CatalogChange {
    public UnlinkModels {
      models = List.copyOf(models);
    }
  }

  /**
   * Adds a version and makes it the one in use. A version of that name is refused, whatever its content.
   *
   * @param replicas how many copies, or {@link Model#EVERY_NODE}; empty keeps what the model has, 1 for a new model
   */
  record AddModelVersion(ModelVersion version, Optional<Integer> replicas) implements CatalogChange {}

  /**
   * Deploys in one step: a version, which is in use from then on, and an application that asks it. What is there already with the same
   * content is no fault, so that a repeated request succeeds; an application of that name is linked, and its settings stay.
   *
   * @param percent of the queries that it takes as a canary, instead of being in use
   */
  record Deploy(ModelVersion version, Optional<Integer> replicas, Optional<Application> application, Optional<Integer> percent)
      implements CatalogChange {
    public Deploy(ModelVersion version, Optional<Integer> replicas, Optional<Application> application) {
      this(version, replicas, application, Optional.empty());
    }
  }

  record SetModelVersion(String model, String version) implements CatalogChange {}

  /** A version takes so many percent of the queries beside the one in use; a canary before it is over. */
  record StartCanary(String model, String version, int percent) implements CatalogChange {}

  /**
   * The canary is in use from then on.
   *
   * @param version which is meant, so that a repeated request succeeds where it is in use already; empty: whichever is the canary, and
   *     asked again there is none
   */
  record PromoteCanary(String model, Optional<String> version) implements CatalogChange {}

  /** The version in use takes all queries again; where there is no canary, that is so already. */
  record AbortCanary(String model) implements CatalogChange {}

  /** Back to the version that was in use before. Asked twice, it goes back twice. */
  record RollBack(String model) implements CatalogChange {}

  /** Where it was in use, the latest version before it that fits the model's links is used again, else none. */
  record DeleteModelVersion(String model, String version) implements CatalogChange {}

  /** @param replicas how many copies, or {@link Model#EVERY_NODE} */
  record SetReplicas(String model, int replicas) implements CatalogChange {}
}
