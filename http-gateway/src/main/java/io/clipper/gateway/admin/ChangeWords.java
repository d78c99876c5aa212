package io.clipper.gateway.admin;

import io.clipper.catalog.CatalogEvent;
import io.clipper.catalog.Model;
import java.util.List;

/** A change of the catalog in words. */
final class ChangeWords {
  private ChangeWords() {}

  static String of(CatalogEvent event) {
    return switch (event) {
      case CatalogEvent.ApplicationAdded(var application) -> "application '%s' added%s".formatted(application.name(), linked(application.models()));
      case CatalogEvent.ApplicationUpdated updated ->
          "application '%s' updated: %s, objective %d ms".formatted(updated.name(), learning(updated), updated.slo().toMillis());
      case CatalogEvent.ApplicationDeleted(var name) -> "application '%s' deleted".formatted(name);
      case CatalogEvent.ModelsLinked(var application, var models) -> "application '%s' linked to %s".formatted(application, names(models));
      case CatalogEvent.ModelsUnlinked(var application, var models) -> "application '%s' unlinked from %s".formatted(application, names(models));
      case CatalogEvent.VersionAdded(var version, var replicas) -> "model %s added and in use, %s".formatted(version.id(), copies(replicas));
      case CatalogEvent.VersionSet(var model, var version) -> "model '%s' uses version %s".formatted(model, version);
      case CatalogEvent.VersionStaged(var version, var replicas) -> "model %s added, not in use, %s".formatted(version.id(), copies(replicas));
      case CatalogEvent.CanaryStarted(var model, var version, var percent) ->
          "version %s of model '%s' takes %d %% of its queries".formatted(version, model, percent);
      case CatalogEvent.CanaryEnded(var model) -> "the version of model '%s' in use takes all queries again".formatted(model);
      case CatalogEvent.RolledBack(var model, var version) -> "model '%s' rolled back to version %s".formatted(model, version);
      case CatalogEvent.VersionDeleted(var model, var version, var inUse) ->
          "version %s of model '%s' deleted%s".formatted(version, model, inUse.map(next -> ", version " + next + " in use").orElse(""));
      case CatalogEvent.ReplicasSet(var model, var replicas) -> "model '%s' scaled to %s".formatted(model, copies(replicas));
    };
  }

  private static String learning(CatalogEvent.ApplicationUpdated updated) {
    return "policy %s, combiner %s".formatted(updated.learning().policy().orElse("by default"), updated.learning().combiner().orElse("by default"));
  }

  private static String linked(List<String> models) {
    return models.isEmpty() ? "" : ", linked to " + names(models);
  }

  private static String names(List<String> models) {
    return String.join(", ", models);
  }

  private static String copies(int replicas) {
    if (replicas == Model.EVERY_NODE) {
      return "a replica on every node";
    }
    return replicas == 1 ? "1 replica" : replicas + " replicas";
  }
}
