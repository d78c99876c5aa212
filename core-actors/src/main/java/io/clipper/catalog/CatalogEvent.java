package io.clipper.catalog;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import io.clipper.storage.JournalEvent;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** What happened to the catalog. Each carries its outcome, so that remembering it decides nothing. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "event")
@JsonSubTypes({
  @JsonSubTypes.Type(value = CatalogEvent.ApplicationAdded.class, name = "application-added"),
  @JsonSubTypes.Type(value = CatalogEvent.ApplicationUpdated.class, name = "application-updated"),
  @JsonSubTypes.Type(value = CatalogEvent.ApplicationDeleted.class, name = "application-deleted"),
  @JsonSubTypes.Type(value = CatalogEvent.ModelsLinked.class, name = "models-linked"),
  @JsonSubTypes.Type(value = CatalogEvent.ModelsUnlinked.class, name = "models-unlinked"),
  @JsonSubTypes.Type(value = CatalogEvent.VersionAdded.class, name = "version-added"),
  @JsonSubTypes.Type(value = CatalogEvent.VersionSet.class, name = "version-set"),
  @JsonSubTypes.Type(value = CatalogEvent.VersionStaged.class, name = "version-staged"),
  @JsonSubTypes.Type(value = CatalogEvent.CanaryStarted.class, name = "canary-started"),
  @JsonSubTypes.Type(value = CatalogEvent.CanaryEnded.class, name = "canary-ended"),
  @JsonSubTypes.Type(value = CatalogEvent.RolledBack.class, name = "rolled-back"),
  @JsonSubTypes.Type(value = CatalogEvent.VersionDeleted.class, name = "version-deleted"),
  @JsonSubTypes.Type(value = CatalogEvent.ReplicasSet.class, name = "replicas-set")
})
public sealed interface CatalogEvent extends JournalEvent {
  record ApplicationAdded(Application application) implements CatalogEvent {}

  record ApplicationUpdated(String name, Duration slo, String defaultOutput, LearningSettings learning) implements CatalogEvent {}

  /** Its links went with it. */
  record ApplicationDeleted(String name) implements CatalogEvent {}

  record ModelsLinked(String application, List<String> models) implements CatalogEvent {
    public ModelsLinked {
      models = List.copyOf(models);
    }
  }

  record ModelsUnlinked(String application, List<String> models) implements CatalogEvent {
    public ModelsUnlinked {
      models = List.copyOf(models);
    }
  }

  /** It is the version in use from here on. */
  record VersionAdded(ModelVersion version, int replicas) implements CatalogEvent {}

  /** It is there, and not in use. */
  record VersionStaged(ModelVersion version, int replicas) implements CatalogEvent {}

  /** It takes that share of the queries from here on, until another version is in use. */
  record CanaryStarted(String model, String version, int percent) implements CatalogEvent {}

  /** The version in use takes all queries again. */
  record CanaryEnded(String model) implements CatalogEvent {}

  /** Another version is in use; the one before it is remembered. */
  record VersionSet(String model, String version) implements CatalogEvent {}

  /** The version in use before is in use again; the one that was left is not remembered as a way back. */
  record RolledBack(String model, String version) implements CatalogEvent {}

  /**
   * A version is gone.
   *
   * @param inUse the version that is in use from here on, if any
   */
  record VersionDeleted(String model, String version, Optional<String> inUse) implements CatalogEvent {}

  record ReplicasSet(String model, int replicas) implements CatalogEvent {}
}
