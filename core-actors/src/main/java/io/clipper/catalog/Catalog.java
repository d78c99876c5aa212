package io.clipper.catalog;

import io.clipper.model.ModelId;
import io.clipper.storage.JournalEvent;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.UnaryOperator;

/**
 * Applications and models by name, in the order in which they came. The revision is the number of events that led here: of two copies
 * the one with the higher revision is the newer.
 *
 * @param added the revision that each application and version came with; empty where that is not known
 */
public record Catalog(long revision, Map<String, Application> applications, Map<String, Model> models, Optional<Map<String, Long>> added)
    implements JournalEvent {
  public static final Catalog EMPTY = new Catalog(0, Map.of(), Map.of());

  public Catalog {
    applications = Collections.unmodifiableMap(new LinkedHashMap<>(applications));
    models = Collections.unmodifiableMap(new LinkedHashMap<>(models));
    added = added.map(revisions -> Collections.unmodifiableMap(new TreeMap<>(revisions)));
  }

  /** One of which is not known when each was added. */
  public Catalog(long revision, Map<String, Application> applications, Map<String, Model> models) {
    this(revision, applications, models, Optional.empty());
  }

  /** Tells the application from others that had its name: the revision that it came with; 0 where that is not known. */
  public long incarnation(String application) {
    return added.map(revisions -> revisions.getOrDefault(key(application), 0L)).orElse(0L);
  }

  /** The same of a version. */
  public long incarnation(ModelId version) {
    return added.map(revisions -> revisions.getOrDefault(key(version), 0L)).orElse(0L);
  }

  private static String key(String application) {
    return "application " + application;
  }

  private static String key(ModelId version) {
    return "version " + version;
  }

  public Optional<Application> application(String name) {
    return Optional.ofNullable(applications.get(name));
  }

  public Optional<Model> model(String name) {
    return Optional.ofNullable(models.get(name));
  }

  public Optional<ModelVersion> version(ModelId id) {
    return model(id.name()).map(model -> model.versions().get(id.version()));
  }

  /** The version in use of each model that the application is linked to; a model without one is left out. */
  public List<ModelVersion> candidates(Application application) {
    return application.models().stream().flatMap(name -> model(name).flatMap(Model::currentVersion).stream()).toList();
  }

  /** Those that ask the model. */
  public List<Application> applicationsOf(String model) {
    return applications.values().stream().filter(application -> application.models().contains(model)).toList();
  }

  /**
   * What happens on such a change; nothing, where it asks for what is there already and that is no fault.
   *
   * @throws io.clipper.Refused if it cannot be done
   */
  public List<CatalogEvent> decide(CatalogChange change, ApplicationRules rules) {
    return new CatalogDecision(this, rules).on(change);
  }

  /** The next catalog. */
  public Catalog after(CatalogEvent event) {
    return switch (event) {
      case CatalogEvent.ApplicationAdded(var application) -> next(with(applications, application.name(), application), models).adding(key(application.name()));
      case CatalogEvent.ApplicationUpdated updated ->
          withApplication(
              updated.name(),
              old ->
                  new Application(
                      old.name(), old.signature(), updated.slo(), updated.defaultOutput(), updated.learning(), old.models()));
      case CatalogEvent.ApplicationDeleted(var name) -> next(without(applications, name), models).withoutOrphans().removing(key(name));
      case CatalogEvent.ModelsLinked(var application, var names) -> withApplication(application, old -> old.linkedTo(names));
      case CatalogEvent.ModelsUnlinked(var application, var names) ->
          withApplication(application, old -> old.unlinkedFrom(names)).withoutOrphans();
      case CatalogEvent.VersionAdded(var version, var replicas) -> {
        Model before = model(version.id().name()).orElseGet(() -> new Model(version.id().name(), Map.of(), Optional.empty(), List.of(), replicas));
        yield withVersion(before.withVersion(version).withReplicas(replicas), version.id());
      }
      case CatalogEvent.VersionStaged(var version, var replicas) ->
          withVersion(known(models, version.id().name()).staging(version).withReplicas(replicas), version.id());
      case CatalogEvent.CanaryStarted(var name, var version, var percent) ->
          withModel(name, model -> model.withCanary(Optional.of(new Canary(version, percent))));
      case CatalogEvent.CanaryEnded(var name) -> withModel(name, model -> model.withCanary(Optional.empty()));
      case CatalogEvent.VersionSet(var name, var version) -> withModel(name, model -> model.using(version));
      case CatalogEvent.RolledBack(var name, var version) -> withModel(name, model -> model.backTo(version));
      case CatalogEvent.VersionDeleted(var name, var version, var inUse) ->
          withModel(name, model -> model.withoutVersion(version, inUse)).withoutOrphans().removing(key(new ModelId(name, version)));
      case CatalogEvent.ReplicasSet(var name, var replicas) -> withModel(name, model -> model.withReplicas(replicas));
    };
  }

  private Catalog withApplication(String name, UnaryOperator<Application> change) {
    return next(with(applications, name, change.apply(known(applications, name))), models);
  }

  private Catalog withModel(String name, UnaryOperator<Model> change) {
    return next(applications, with(models, name, change.apply(known(models, name))));
  }

  private Catalog withVersion(Model model, ModelId version) {
    return next(applications, with(models, model.name(), model)).adding(key(version));
  }

  private Catalog next(Map<String, Application> newApplications, Map<String, Model> newModels) {
    return new Catalog(revision + 1, newApplications, newModels, added);
  }

  private Catalog adding(String key) {
    Map<String, Long> more = new HashMap<>(added.orElse(Map.of()));
    more.put(key, revision);
    return new Catalog(revision, applications, models, Optional.of(more));
  }

  private Catalog removing(String key) {
    Map<String, Long> fewer = new HashMap<>(added.orElse(Map.of()));
    fewer.remove(key);
    return new Catalog(revision, applications, models, Optional.of(fewer));
  }

  /** A model of no version stays only while an application is linked to it. */
  private Catalog withoutOrphans() {
    Map<String, Model> kept = new LinkedHashMap<>(models);
    kept.values().removeIf(model -> model.versions().isEmpty() && applicationsOf(model.name()).isEmpty());
    return new Catalog(revision, applications, kept, added);
  }

  private static <T> T known(Map<String, T> map, String name) {
    T found = map.get(name);
    if (found == null) {
      throw new IllegalStateException("an event names '%s', which is not in the catalog".formatted(name));
    }
    return found;
  }

  private static <T> Map<String, T> with(Map<String, T> map, String name, T value) {
    Map<String, T> copy = new LinkedHashMap<>(map);
    copy.put(name, value);
    return copy;
  }

  private static <T> Map<String, T> without(Map<String, T> map, String name) {
    Map<String, T> copy = new LinkedHashMap<>(map);
    copy.remove(name);
    return copy;
  }
}
