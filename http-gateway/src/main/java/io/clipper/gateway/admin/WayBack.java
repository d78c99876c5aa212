package io.clipper.gateway.admin;

import io.clipper.catalog.Application;
import io.clipper.catalog.Canary;
import io.clipper.catalog.CatalogChange;
import io.clipper.catalog.Model;
import io.clipper.catalog.ModelVersion;
import io.clipper.model.runtime.RuntimeSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What a deployment found, and so what undoes it: nothing that was there before it, and nothing that others have changed since. Once another
 * version than those two is in use, the deployment's own version goes and the rest is theirs.
 *
 * @param model as it was before
 * @param application the one that the deployment names, as it was before
 */
record WayBack(CatalogChange.Deploy deployed, Optional<Model> model, Optional<Application> application) {
  /** In order, from what is there now. */
  List<CatalogChange> from(Optional<Model> modelNow, Optional<Application> applicationNow) {
    List<CatalogChange> changes = new ArrayList<>();
    if (modelNow.isPresent()) {
      Model now = modelNow.get();
      if (isOurs(now)) {
        applicationNow.flatMap(this::letGo).ifPresent(changes::add);
        replicas(now).ifPresent(changes::add);
      }
      version(now).ifPresent(changes::add);
      if (isOurs(now)) {
        canary(now).ifPresent(changes::add);
      }
    }
    return changes;
  }

  private boolean isOurs(Model now) {
    return now.current().equals(Optional.of(version())) || now.current().equals(model.flatMap(Model::current));
  }

  /** An application that was made for the model alone goes; from another one that was linked to it the link does. */
  private Optional<CatalogChange> letGo(Application now) {
    if (!now.models().contains(name()) || application.filter(before -> before.models().contains(name())).isPresent()) {
      return Optional.empty();
    }
    return Optional.of(
        application.isEmpty() && now.models().equals(List.of(name()))
            ? new CatalogChange.DeleteApplication(now.name())
            : new CatalogChange.UnlinkModels(now.name(), List.of(name())));
  }

  /** While the version is there still: what is in use without it may be one that no node starts, of which no number is set. */
  private Optional<CatalogChange> replicas(Model now) {
    return model
        .map(Model::replicas)
        .filter(before -> deployed.replicas().filter(asked -> asked == now.replicas() && !asked.equals(before)).isPresent())
        .filter(before -> !(now.currentVersion().map(ModelVersion::runtime).orElse(null) instanceof RuntimeSpec.Announced))
        .map(before -> new CatalogChange.SetReplicas(name(), before));
  }

  private Optional<CatalogChange> version(Model now) {
    if (!deployed.version().equals(now.versions().get(version()))) {
      return Optional.empty();
    }
    if (model.filter(before -> before.versions().containsKey(version())).isEmpty()) {
      return Optional.of(new CatalogChange.DeleteModelVersion(name(), version()));
    }
    return model
        .flatMap(Model::current)
        .filter(before -> now.current().equals(Optional.of(version())) && !before.equals(version()) && now.versions().containsKey(before))
        .map(before -> new CatalogChange.SetModelVersion(name(), before));
  }

  /** The one that was under way goes on, if none but this deployment has ended or replaced it; else the deployment's own is over. */
  private Optional<CatalogChange> canary(Model now) {
    Optional<Canary> ours = deployed.percent().map(percent -> new Canary(version(), percent));
    Optional<Canary> before = model.flatMap(Model::canary);
    if (!now.canary().equals(ours) || now.canary().equals(before)) {
      return Optional.empty();
    }
    Optional<CatalogChange> again =
        before
            .filter(canary -> now.versions().containsKey(canary.version()))
            .map(canary -> new CatalogChange.StartCanary(name(), canary.version(), canary.percent()));
    boolean staysAsVersion = model.filter(known -> known.versions().containsKey(version())).isPresent();
    return ours.isPresent() && staysAsVersion ? again.or(() -> Optional.of(new CatalogChange.AbortCanary(name()))) : again;
  }

  private String name() {
    return deployed.version().id().name();
  }

  private String version() {
    return deployed.version().id().version();
  }
}
