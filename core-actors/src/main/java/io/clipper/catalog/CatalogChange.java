package io.clipper.catalog;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** What an operator asks of the catalog. Each is done as a whole or not at all. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "change")
@JsonSubTypes({
  @JsonSubTypes.Type(value = CatalogChange.AddApplication.class, name = "add-application"),
  @JsonSubTypes.Type(value = CatalogChange.UpdateApplication.class, name = "update-application"),
  @JsonSubTypes.Type(value = CatalogChange.DeleteApplication.class, name = "delete-application"),
  @JsonSubTypes.Type(value = CatalogChange.LinkModels.class, name = "link-models"),
  @JsonSubTypes.Type(value = CatalogChange.UnlinkModels.class, name = "unlink-models"),
  @JsonSubTypes.Type(value = CatalogChange.AddModelVersion.class, name = "add-model-version"),
  @JsonSubTypes.Type(value = CatalogChange.Deploy.class, name = "deploy"),
  @JsonSubTypes.Type(value = CatalogChange.SetModelVersion.class, name = "set-model-version"),
  @JsonSubTypes.Type(value = CatalogChange.RollBack.class, name = "roll-back"),
  @JsonSubTypes.Type(value = CatalogChange.DeleteModelVersion.class, name = "delete-model-version"),
  @JsonSubTypes.Type(value = CatalogChange.SetReplicas.class, name = "set-replicas")
})
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
   * @param replicas how many copies; empty keeps what the model has, 1 for a new model
   */
  record AddModelVersion(ModelVersion version, Optional<Integer> replicas) implements CatalogChange {}

  /**
   * Deploys in one step: a version, which is in use from then on, and an application that asks it. What is there already with the same
   * content is no fault, so that a repeated request succeeds; an application of that name is linked, and its settings stay.
   */
  record Deploy(ModelVersion version, Optional<Integer> replicas, Optional<Application> application) implements CatalogChange {}

  record SetModelVersion(String model, String version) implements CatalogChange {}

  /** Back to the version that was in use before. Asked twice, it goes back twice. */
  record RollBack(String model) implements CatalogChange {}

  /** Where it was in use, the latest version before it that fits the model's links is used again, else none. */
  record DeleteModelVersion(String model, String version) implements CatalogChange {}

  record SetReplicas(String model, int replicas) implements CatalogChange {}
}
