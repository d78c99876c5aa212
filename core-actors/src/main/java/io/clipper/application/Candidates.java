package io.clipper.application;

import io.clipper.catalog.Application;
import io.clipper.catalog.Catalog;
import io.clipper.catalog.Model;
import io.clipper.catalog.ModelVersion;
import io.clipper.model.ModelId;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * An application's candidates: of each linked model the version in use. While that one has no warm replica yet, the latest before it
 * that has one stands in.
 *
 * @param successions whom each candidate took over from
 * @param uncached those whose answers are not kept
 */
record Candidates(List<ModelId> models, List<LedgerEvent.Succession> successions, Set<ModelId> uncached) {
  static final Candidates NONE = new Candidates(List.of(), List.of(), Set.of());

  Candidates {
    models = List.copyOf(models);
    successions = List.copyOf(successions);
    uncached = Set.copyOf(uncached);
  }

  /**
   * A model that never had a replica here is left out while another candidate has one: it sleeps, since nobody asked it yet.
   *
   * @param everReady the versions that had a warm replica here at some time
   */
  static Candidates of(Application application, Catalog catalog, Set<ModelId> ready, Set<ModelId> everReady) {
    List<ModelId> models = new ArrayList<>();
    boolean someoneServes = application.models().stream().anyMatch(name -> serves(catalog, name, everReady));
    List<LedgerEvent.Succession> successions = new ArrayList<>();
    Set<ModelId> uncached = new HashSet<>();
    for (String name : application.models()) {
      Model model = catalog.models().get(name);
      if (model == null || model.currentVersion().isEmpty() || (someoneServes && !serves(catalog, name, everReady))) {
        continue;
      }
      ModelId chosen = choose(model, ready);
      models.add(chosen);
      model.previous().reversed().stream()
          .filter(version -> !version.equals(chosen.version()))
          .findFirst()
          .ifPresent(version -> successions.add(new LedgerEvent.Succession(chosen, new ModelId(name, version))));
      ModelVersion version = model.versions().get(chosen.version());
      if (version != null && !version.cached()) {
        uncached.add(chosen);
      }
    }
    return new Candidates(models, successions, uncached);
  }

  private static boolean serves(Catalog catalog, String name, Set<ModelId> everReady) {
    Model model = catalog.models().get(name);
    return model != null && model.currentVersion().isPresent() && everReady.contains(choose(model, everReady));
  }

  private static ModelId choose(Model model, Set<ModelId> ready) {
    ModelId current = model.currentVersion().orElseThrow().id();
    if (ready.contains(current)) {
      return current;
    }
    return model.previous().reversed().stream()
        .map(version -> new ModelId(model.name(), version))
        .filter(ready::contains)
        .findFirst()
        .orElse(current);
  }
}
