package io.clipper.application;

import io.clipper.catalog.Application;
import io.clipper.catalog.Canary;
import io.clipper.catalog.Catalog;
import io.clipper.catalog.Model;
import io.clipper.catalog.ModelVersion;
import io.clipper.model.ModelId;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * An application's candidates: of each linked model the version in use. While that one has no warm replica yet, the latest before it
 * that has one stands in. A canary that has one is a candidate beside it; a query asks one of the two.
 *
 * @param models all of them, canaries included
 * @param successions whom each candidate took over from
 * @param uncached those whose answers are not kept
 */
record Candidates(List<ModelId> models, List<LedgerEvent.Succession> successions, Set<ModelId> uncached, List<Taking> canaries) {
  static final Candidates NONE = new Candidates(List.of(), List.of(), Set.of(), List.of());

  /** A canary, and the version from whose queries it takes its share. */
  record Taking(ModelId canary, ModelId from, Canary share) {}

  Candidates {
    models = List.copyOf(models);
    successions = List.copyOf(successions);
    uncached = Set.copyOf(uncached);
    canaries = List.copyOf(canaries);
  }

  /** Those that a query may ask: by its context, or else by its own number. */
  List<ModelId> of(Optional<String> context, long queryId) {
    if (canaries.isEmpty()) {
      return models;
    }
    String who = context.orElseGet(() -> Long.toString(queryId));
    List<ModelId> asked = new ArrayList<>(models);
    for (Taking taking : canaries) {
      asked.remove(taking.share().takes(taking.canary().name(), who) ? taking.from() : taking.canary());
    }
    return asked;
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
    List<Taking> canaries = new ArrayList<>();
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
      addUncached(model, chosen, uncached);
      model
          .canary()
          .map(share -> new Taking(new ModelId(name, share.version()), chosen, share))
          .filter(taking -> ready.contains(taking.canary()) && !taking.canary().equals(chosen))
          .ifPresent(
              taking -> {
                models.add(taking.canary());
                successions.add(new LedgerEvent.Succession(taking.canary(), chosen));
                addUncached(model, taking.canary(), uncached);
                canaries.add(taking);
              });
    }
    return new Candidates(models, successions, uncached, canaries);
  }

  private static void addUncached(Model model, ModelId id, Set<ModelId> uncached) {
    ModelVersion version = model.versions().get(id.version());
    if (version != null && !version.cached()) {
      uncached.add(id);
    }
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
