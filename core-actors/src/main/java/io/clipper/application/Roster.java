package io.clipper.application;

import io.clipper.Refused;
import io.clipper.Refused.Reason;
import io.clipper.application.LedgerEvent.Incarnation;
import io.clipper.catalog.Application;
import io.clipper.catalog.Catalog;
import io.clipper.catalog.CertaintySettings;
import io.clipper.catalog.Model;
import io.clipper.combine.CombinerSettings;
import io.clipper.model.ModelId;
import io.clipper.selection.Learner;
import io.clipper.selection.PolicySettings;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongSupplier;

/**
 * What a loop knows of its application: whether there is one, who its candidates are, and what each weighs. What changes for learning is
 * told to the ledger.
 */
final class Roster {
  /** Of what came before incarnations were numbered. */
  private static final long UNKNOWN = 0;

  private final ServingParts parts;
  private final String name;
  private final LedgerLink ledger;
  private final LongSupplier nextCounter;
  private final Set<ModelId> everReady = new HashSet<>();

  private Catalog seenCatalog = Catalog.EMPTY;
  private Set<ModelId> seenReady = Set.of();
  private Optional<Application> application = Optional.empty();
  private Candidates candidates = Candidates.NONE;
  private LoopMeters.OfApplication meters;
  private Learner weighedLearner;
  private Map<ModelId, Double> weights = Map.of();

  /** @param nextCounter of the query that comes next */
  Roster(ServingParts parts, String name, LedgerLink ledger, LongSupplier nextCounter) {
    this.nextCounter = nextCounter;
    this.parts = parts;
    this.name = name;
    this.ledger = ledger;
    this.meters = parts.meters().of(name);
    this.weighedLearner = ledger.ledger().learner();
  }

  /** Reads the node's catalog and replicas again, where either is another than at the last query. */
  @SuppressWarnings("ReferenceEquality") // the same object is the same value, and comparing them on every query would cost
  void refresh() {
    Catalog catalog = parts.catalog().get();
    Set<ModelId> ready = parts.ready().get();
    if (catalog == seenCatalog && ready == seenReady) {
      return;
    }
    seenCatalog = catalog;
    seenReady = ready;
    everReady.addAll(ready);
    application = Optional.ofNullable(catalog.applications().get(name));
    Candidates next = application.map(app -> Candidates.of(app, catalog, ready, everReady)).orElse(Candidates.NONE);
    application.ifPresent(app -> follow(app, next));
    // An application that was deleted and comes back has meters of its own.
    application.ifPresent(app -> meters = parts.meters().of(name));
    candidates = next;
    weights = Map.of();
  }

  /** What the ledger was told may be lost: candidates and policy are held against the catalog again. */
  void forgetWhatWasTold() {
    seenCatalog = Catalog.EMPTY;
  }

  Optional<Application> application() {
    return application;
  }

  Candidates candidates() {
    return candidates;
  }

  LoopMeters.OfApplication meters() {
    return meters;
  }

  /** What each candidate weighs by that learner. */
  @SuppressWarnings("ReferenceEquality") // a learner is a value that is replaced as a whole: the same object has the same weights
  Map<ModelId, Double> weightsBy(Learner learner) {
    if (learner != weighedLearner || weights.isEmpty()) {
      weights = learner.weights(candidates.models());
      weighedLearner = learner;
    }
    return weights;
  }

  /** One version of the only linked model; throws {@link Refused} where there is no such version, or more than one model. */
  List<ModelId> version(Application asked, String version) {
    if (asked.models().isEmpty()) {
      return List.of();
    }
    if (asked.models().size() > 1) {
      throw new Refused(Reason.INVALID, "Too many models linked to application " + asked.name());
    }
    String modelName = asked.models().getFirst();
    Model model = seenCatalog.models().get(modelName);
    if (model == null || !model.versions().containsKey(version)) {
      throw new Refused(Reason.INVALID, "Requested version: %s does not exist for model: %s".formatted(version, modelName));
    }
    return List.of(new ModelId(modelName, version));
  }

  private void follow(Application app, Candidates next) {
    name(next);
    PolicySettings wanted = PolicySettings.of(app.learning(), app.models().size());
    if (!wanted.equals(ledger.ledger().learner().settings())) {
      ledger.add(new LedgerEvent.PolicyChanged(wanted));
    }
    CombinerSettings combiner = KnownRules.combiner(app.learning());
    CertaintySettings certainty = app.learning().certainty();
    Optional<Assurance> assurance = ledger.ledger().assurance();
    if (assurance.isPresent() ? !assurance.get().follows(combiner, certainty) : Assurance.isWanted(combiner, certainty)) {
      ledger.add(new LedgerEvent.CertaintyChanged(combiner, certainty));
    }
    if (!next.models().equals(ledger.ledger().lineup().candidates()) && !next.models().isEmpty()) {
      ledger.add(new LedgerEvent.Admitted(next.models(), next.successions()));
    }
  }

  /** The ledger knows whom the names mean. */
  private void name(Candidates next) {
    Incarnations known = ledger.ledger().incarnations();
    long application = seenCatalog.incarnation(name);
    long counter = nextCounter.getAsLong();
    List<Incarnation> news =
        next.models().stream()
            .map(model -> new Incarnation(model, seenCatalog.incarnation(model), counter))
            .filter(model -> model.number() != UNKNOWN && known.of(model.model()).filter(one -> one.number() == model.number()).isEmpty())
            .toList();
    if ((application != UNKNOWN && application != known.application()) || !news.isEmpty()) {
      ledger.add(new LedgerEvent.Named(application, counter, news));
    }
  }
}
