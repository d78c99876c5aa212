package io.clipper.catalog;

import static io.clipper.Refused.Reason.CONFLICT;
import static io.clipper.Refused.Reason.EXISTS;
import static io.clipper.Refused.Reason.INVALID;
import static io.clipper.Refused.Reason.NOT_FOUND;

import io.clipper.Refused;
import io.clipper.model.Signature;
import io.clipper.model.runtime.RuntimeSpec;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What happens on a change to one catalog, or why it cannot be; the words are the original's where it has any. */
final class CatalogDecision {
  /** Above any cluster this is for; a slip of the finger starts no million copies. */
  private static final int MOST_REPLICAS = 1000;

  private final Catalog catalog;
  private final ApplicationRules rules;

  CatalogDecision(Catalog catalog, ApplicationRules rules) {
    this.catalog = catalog;
    this.rules = rules;
  }

  List<CatalogEvent> on(CatalogChange change) {
    try {
      return switch (change) {
        case CatalogChange.AddApplication(var application) -> add(application);
        case CatalogChange.UpdateApplication update -> update(update);
        case CatalogChange.DeleteApplication(var name) -> {
          existing(name);
          yield List.of(new CatalogEvent.ApplicationDeleted(name));
        }
        case CatalogChange.LinkModels(var application, var models) -> link(application, models);
        case CatalogChange.UnlinkModels(var application, var models) -> unlink(application, models);
        case CatalogChange.AddModelVersion(var version, var replicas) -> List.of(added(version, replicas, false));
        case CatalogChange.Deploy deploy -> deploy(deploy);
        case CatalogChange.SetModelVersion(var model, var version) -> setVersion(model, version);
        case CatalogChange.StartCanary(var model, var version, var percent) -> startCanary(existingModel(model), version, percent);
        case CatalogChange.PromoteCanary(var model, var version) -> promote(existingModel(model), version);
        case CatalogChange.AbortCanary(var model) ->
            existingModel(model).canary().isEmpty() ? List.of() : List.of(new CatalogEvent.CanaryEnded(model));
        case CatalogChange.RollBack(var model) -> rollBack(existingModel(model));
        case CatalogChange.DeleteModelVersion(var model, var version) -> deleteVersion(model, version);
        case CatalogChange.SetReplicas(var model, var replicas) -> setReplicas(existingModel(model), replicas);
      };
    } catch (IllegalArgumentException wrong) {
      throw new Refused(INVALID, String.valueOf(wrong.getMessage()));
    }
  }

  private List<CatalogEvent> add(Application application) {
    Names.checkApplication(application.name());
    if (catalog.application(application.name()).isPresent()) {
      throw new Refused(EXISTS, "application '%s' already exists".formatted(application.name()));
    }
    checkLinks(application.withModels(List.of()), application.models());
    check(application);
    return List.of(new CatalogEvent.ApplicationAdded(application));
  }

  private List<CatalogEvent> update(CatalogChange.UpdateApplication update) {
    Application old = existing(update.name());
    LearningSettings learning = update.learning().orElse(old.learning());
    checkKept(old, "partitions", old.learning().partitions(), learning.partitions(), "what was learned is kept by partition");
    checkKept(old, "loss", old.learning().loss(), learning.loss(), "what was learned was judged by it");
    Application updated =
        new Application(
            old.name(),
            old.signature(),
            update.slo().orElse(old.slo()),
            update.defaultOutput().orElse(old.defaultOutput()),
            learning,
            old.models());
    check(updated);
    return updated.equals(old)
        ? List.of()
        : List.of(new CatalogEvent.ApplicationUpdated(old.name(), updated.slo(), updated.defaultOutput(), learning));
  }

  private static void checkKept(Application application, String setting, String old, String asked, String because) {
    if (!old.equals(asked)) {
      throw new Refused(
          CONFLICT,
          "%s of application '%s' stays '%s' and cannot become '%s': %s".formatted(setting, application.name(), old, asked, because));
    }
  }

  private List<CatalogEvent> link(String name, List<String> models) {
    Application application =
        catalog.application(name).orElseThrow(() -> new Refused(NOT_FOUND, "No app with name '%s' exists.".formatted(name)));
    checkLinks(application, models);
    if (models.isEmpty()) {
      throw new Refused(INVALID, "Please provide the name of the model that you want to link to the application '%s'".formatted(name));
    }
    check(application.linkedTo(models));
    return List.of(new CatalogEvent.ModelsLinked(name, models));
  }

  private void checkLinks(Application application, List<String> models) {
    for (String name : models) {
      Model model = existingModel(name);
      ModelVersion version =
          model.currentVersion().orElseThrow(() -> new Refused(CONFLICT, "Model with name '%s' has no version in use.".formatted(name)));
      if (!version.signature().agreesWith(application.signature())) {
        throw new Refused(
            CONFLICT,
            "Model with name '%s' has incompatible input_type '%s'. Requested app to link to has input_type '%s'."
                .formatted(name, version.signature().describe(), application.signature().describe()));
      }
    }
    Set<String> linked = new HashSet<>(application.models());
    for (String name : models) {
      if (!linked.add(name)) {
        throw new Refused(EXISTS, "The model with name '%s' is already linked to '%s'".formatted(name, application.name()));
      }
    }
  }

  private List<CatalogEvent> unlink(String name, List<String> models) {
    Application application =
        catalog.application(name).orElseThrow(() -> new Refused(NOT_FOUND, "No app with name %s exists.".formatted(name)));
    for (String model : models) {
      if (!application.models().contains(model)) {
        throw new Refused(NOT_FOUND, "Cannot remove nonexistent link between app %s and model %s".formatted(name, model));
      }
    }
    return models.isEmpty() ? List.of() : List.of(new CatalogEvent.ModelsUnlinked(name, models));
  }

  private CatalogEvent added(ModelVersion version, Optional<Integer> replicas, boolean staged) {
    Names.checkVersion(version);
    String name = version.id().name();
    Optional<Model> model = catalog.model(name);
    if (model.isPresent() && model.get().versions().containsKey(version.id().version())) {
      throw new Refused(EXISTS, "model with name '%s' and version '%s' already exists".formatted(name, version.id().version()));
    }
    checkLinkedApplications(name, version.signature());
    replicas.ifPresent(CatalogDecision::checkReplicas);
    int copies = replicas.or(() -> model.map(Model::replicas)).orElse(1);
    if (!staged) {
      return new CatalogEvent.VersionAdded(version, copies);
    }
    if (model.flatMap(Model::current).isEmpty()) {
      throw new Refused(CONFLICT, "model '%s' has no version in use that another could take queries from".formatted(name));
    }
    return new CatalogEvent.VersionStaged(version, copies);
  }

  private List<CatalogEvent> deploy(CatalogChange.Deploy deploy) {
    ModelVersion version = deploy.version();
    String name = version.id().name();
    List<CatalogEvent> events = new ArrayList<>();
    Optional<Model> model = catalog.model(name);
    if (model.isPresent() && version.equals(model.get().versions().get(version.id().version()))) {
      if (deploy.percent().isEmpty()) {
        events.addAll(setVersion(name, version.id().version()));
      }
      deploy
          .replicas()
          .filter(replicas -> replicas != model.get().replicas())
          .ifPresent(replicas -> events.addAll(setReplicas(model.get(), replicas)));
    } else {
      events.add(added(version, deploy.replicas(), deploy.percent().isPresent()));
    }
    if (deploy.percent().isPresent()) {
      events.addAll(new CatalogDecision(after(events), rules).startCanary(name, version.id().version(), deploy.percent().get()));
    }
    Catalog deployed = after(events);
    if (deploy.application().isPresent()) {
      events.addAll(new CatalogDecision(deployed, rules).reachedBy(deploy.application().get(), name));
    }
    return List.copyOf(events);
  }

  private Catalog after(List<CatalogEvent> events) {
    Catalog after = catalog;
    for (CatalogEvent event : events) {
      after = after.after(event);
    }
    return after;
  }

  /** The application asks that model: it is added, linked, or does so already. */
  private List<CatalogEvent> reachedBy(Application application, String model) {
    Optional<Application> there = catalog.application(application.name());
    if (there.isEmpty()) {
      return add(application.withModels(List.of(model)));
    }
    return there.get().models().contains(model) ? List.of() : link(application.name(), List.of(model));
  }

  private List<CatalogEvent> setVersion(String name, String version) {
    Model model =
        catalog.model(name).orElseThrow(() -> new Refused(NOT_FOUND, "Cannot set version for nonexistent model '%s'".formatted(name)));
    ModelVersion found = model.versions().get(version);
    if (found == null) {
      throw new Refused(NOT_FOUND, "Cannot set non-existent version '%s' for model with name '%s'".formatted(version, name));
    }
    checkLinkedApplications(name, found.signature());
    return model.current().equals(Optional.of(version)) ? List.of() : List.of(new CatalogEvent.VersionSet(name, version));
  }

  private List<CatalogEvent> startCanary(String name, String version, int percent) {
    return startCanary(existingModel(name), version, percent);
  }

  private List<CatalogEvent> startCanary(Model model, String version, int percent) {
    ModelVersion found = model.versions().get(version);
    if (found == null) {
      throw new Refused(NOT_FOUND, "Cannot set non-existent version '%s' for model with name '%s'".formatted(version, model.name()));
    }
    if (model.current().isEmpty()) {
      throw new Refused(CONFLICT, "model '%s' has no version in use that another could take queries from".formatted(model.name()));
    }
    if (model.current().get().equals(version)) {
      throw new Refused(CONFLICT, "version '%s' of model '%s' is in use: it takes all queries".formatted(version, model.name()));
    }
    checkLinkedApplications(model.name(), found.signature());
    Canary canary = new Canary(version, percent);
    return model.canary().equals(Optional.of(canary)) ? List.of() : List.of(new CatalogEvent.CanaryStarted(model.name(), version, percent));
  }

  private List<CatalogEvent> promote(Model model, Optional<String> meant) {
    if (meant.isPresent() && meant.equals(model.current())) {
      return List.of();
    }
    String taking =
        model
            .canary()
            .map(Canary::version)
            .orElseThrow(() -> new Refused(CONFLICT, "no version of model '%s' takes a share of its queries".formatted(model.name())));
    if (meant.isPresent() && !meant.get().equals(taking)) {
      throw new Refused(
          CONFLICT, "version '%s' of model '%s' takes a share of its queries, and not '%s'".formatted(taking, model.name(), meant.get()));
    }
    return setVersion(model.name(), taking);
  }

  private List<CatalogEvent> rollBack(Model model) {
    if (model.previous().isEmpty()) {
      throw new Refused(CONFLICT, "No version of model '%s' was in use before %s"
          .formatted(model.name(), model.current().map("'%s'"::formatted).orElse("now")));
    }
    String version = model.previous().getLast();
    model.versions().values().stream()
        .filter(candidate -> candidate.id().version().equals(version))
        .forEach(candidate -> checkLinkedApplications(model.name(), candidate.signature()));
    return List.of(new CatalogEvent.RolledBack(model.name(), version));
  }

  private List<CatalogEvent> deleteVersion(String name, String version) {
    Optional<Model> found = catalog.model(name).filter(model -> model.versions().containsKey(version));
    Model model =
        found.orElseThrow(
            () -> new Refused(NOT_FOUND, "model with name '%s' and version '%s' does not exist".formatted(name, version)));
    Optional<String> inUse = model.current().equals(Optional.of(version)) ? latestThatFits(model) : model.current();
    return List.of(new CatalogEvent.VersionDeleted(name, version, inUse));
  }

  private Optional<String> latestThatFits(Model model) {
    List<Application> applications = catalog.applicationsOf(model.name());
    return model.previous().reversed().stream()
        .filter(
            version ->
                Optional.ofNullable(model.versions().get(version)).stream()
                    .anyMatch(
                        candidate ->
                            applications.stream().allMatch(application -> candidate.signature().agreesWith(application.signature()))))
        .findFirst();
  }

  private List<CatalogEvent> setReplicas(Model model, int replicas) {
    checkReplicas(replicas);
    if (model.currentVersion().map(ModelVersion::runtime).orElse(null) instanceof RuntimeSpec.Announced) {
      throw new Refused(CONFLICT, "Cannot resize the replica set for containerless model '%s'".formatted(model.name()));
    }
    return model.replicas() == replicas ? List.of() : List.of(new CatalogEvent.ReplicasSet(model.name(), replicas));
  }

  private static void checkReplicas(int replicas) {
    if (replicas != Model.EVERY_NODE && (replicas < 0 || replicas > MOST_REPLICAS)) {
      throw new IllegalArgumentException("replicas %d is outside 0..%d".formatted(replicas, MOST_REPLICAS));
    }
  }

  private void checkLinkedApplications(String model, Signature signature) {
    for (Application application : catalog.applicationsOf(model)) {
      if (!signature.agreesWith(application.signature())) {
        throw new Refused(
            CONFLICT,
            "Model with name '%s' is already linked to app '%s' using input type '%s'. The input type you provided for a new version of the model, '%s', is not compatible."
                .formatted(model, application.name(), application.signature().describe(), signature.describe()));
      }
    }
  }

  private void check(Application application) {
    application.learning().check();
    rules.check(application);
  }

  private Application existing(String name) {
    return catalog.application(name).orElseThrow(() -> new Refused(NOT_FOUND, "Application '%s' does not exist".formatted(name)));
  }

  private Model existingModel(String name) {
    return catalog.model(name).orElseThrow(() -> new Refused(NOT_FOUND, "No model with name '%s' exists.".formatted(name)));
  }
}
