package io.clipper.catalog;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** What an operator asks of the catalog. */
public sealed interface CatalogChange {
  /** The links in it are made at once. */
  record AddApplication(Application application) implements CatalogChange {}

  /** Changes what is given and keeps the rest. */
  record UpdateApplication(String name, Optional<Duration> slo, Optional<String> defaultOutput, Optional<LearningSettings> learning)
      implements CatalogChange {}

  record DeleteApplication(String name) implements CatalogChange {}

  record LinkModels(String application, List<String> models) implements CatalogChange {}

  record UnlinkModels(String application, List<String> models) implements CatalogChange {}

  /**
   * Adds a version and makes it the one in use. The same version with the same content again changes nothing.
   *
   * @param replicas how many copies; empty keeps what the model has, 1 for a new model
   */
  record AddModelVersion(ModelVersion version, Optional<Integer> replicas) implements CatalogChange {}

  /** Deploys in one step: a version, and an application of that name that asks it; an application that is there is linked. */
  record Deploy(ModelVersion version, Optional<Integer> replicas, Optional<Application> application) implements CatalogChange {}

  record SetModelVersion(String model, String version) implements CatalogChange {}

  /** Back to the version that was in use before. */
  record RollBack(String model) implements CatalogChange {}

  record DeleteModelVersion(String model, String version) implements CatalogChange {}

  record SetReplicas(String model, int replicas) implements CatalogChange {}
}
