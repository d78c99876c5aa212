package io.clipper.application;

import io.clipper.catalog.Catalog;
import io.clipper.model.ModelId;
import io.clipper.selection.Observation.Judged;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;

/**
 * What the loops on this node choose, miss and learn, in a registry. Meters are made once for each application and model; counting builds
 * no label.
 */
final class LoopMeters {
  /** Queries whose answer was to contain that model's. */
  static final String SELECTION = "clipper.selection";
  /** Those of them that were answered without it. */
  static final String MISSING = "clipper.ensemble.missing.members";
  /** Of answers of which it can be said, also where it was below the threshold. */
  static final String CONFIDENCE = "clipper.confidence";
  /** The share of the choice or of the vote that a model had at the last query without a context. */
  static final String PROBABILITY = "clipper.arm.probability";
  /** Of each judged prediction, once it is durable. */
  static final String LOSS = "clipper.feedback.loss";
  /** Feedback that found no prediction. */
  static final String UNMATCHED = "clipper.feedback.unmatched";

  private final MeterRegistry registry;
  private final Map<String, OfApplication> byName = new ConcurrentHashMap<>();

  LoopMeters(MeterRegistry registry) {
    this.registry = registry;
  }

  OfApplication of(String application) {
    OfApplication known = byName.get(application);
    return known != null ? known : byName.computeIfAbsent(application, name -> new OfApplication(name, registry));
  }

  /** Takes what is not in the catalog from the registry. */
  void keepOnly(Catalog catalog) {
    byName.forEach(
        (name, meters) -> {
          boolean stays = catalog.application(name).isPresent();
          meters.keepOnly(model -> stays && catalog.version(model).isPresent());
          if (!stays && byName.remove(name, meters)) {
            meters.all().forEach(registry::remove);
          }
        });
  }

  /** One application's. */
  static final class OfApplication {
    private final MeterRegistry registry;
    private final Tags tags;
    private final DistributionSummary confidence;
    private final Counter unmatched;
    private final Map<ModelId, OfModel> models = new ConcurrentHashMap<>();

    private OfApplication(String name, MeterRegistry registry) {
      this.registry = registry;
      tags = Tags.of("app", name);
      confidence =
          DistributionSummary.builder(CONFIDENCE)
              .tags(tags)
              .serviceLevelObjectives(0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1)
              .register(registry);
      unmatched = Counter.builder(UNMATCHED).tags(tags).register(registry);
    }

    OfModel of(ModelId model) {
      OfModel known = models.get(model);
      return known != null ? known : models.computeIfAbsent(model, id -> new OfModel(tags, id, registry));
    }

    void answered(Prediction prediction) {
      OptionalDouble said = prediction.confidence();
      if (said.isPresent()) {
        confidence.record(said.getAsDouble());
      }
    }

    /** What each candidate weighs from here on; other models weigh nothing. */
    void weigh(Map<ModelId, Double> shares) {
      shares.keySet().forEach(this::of);
      models.forEach((model, meters) -> meters.share = shares.getOrDefault(model, 0.0));
    }

    void unmatched() {
      unmatched.increment();
    }

    void learned(Lesson lesson) {
      for (Judged judged : lesson.observation().judged()) {
        of(judged.model()).loss.record(judged.loss());
      }
    }

    private void keepOnly(Predicate<ModelId> known) {
      models.forEach(
          (model, meters) -> {
            if (!known.test(model) && models.remove(model, meters)) {
              meters.all().forEach(registry::remove);
            }
          });
    }

    private List<Meter> all() {
      return List.of(confidence, unmatched);
    }
  }

  /** One version's for one application. */
  static final class OfModel {
    private final Counter selection;
    private final Counter missing;
    private final DistributionSummary loss;
    private final Gauge probability;
    private volatile double share = Double.NaN;

    private OfModel(Tags application, ModelId model, MeterRegistry registry) {
      Tags tags = application.and("model_name", model.name(), "model_version", model.version());
      selection = Counter.builder(SELECTION).tags(tags).register(registry);
      missing = Counter.builder(MISSING).tags(tags).register(registry);
      loss = DistributionSummary.builder(LOSS).tags(tags).register(registry);
      probability = Gauge.builder(PROBABILITY, this, meters -> meters.share).tags(tags).register(registry);
    }

    void selected() {
      selection.increment();
    }

    void missing() {
      missing.increment();
    }

    private List<Meter> all() {
      return List.of(selection, missing, loss, probability);
    }
  }
}
