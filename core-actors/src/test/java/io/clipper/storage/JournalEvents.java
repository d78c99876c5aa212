package io.clipper.storage;

import io.clipper.application.LedgerEvent;
import io.clipper.application.Lesson;
import io.clipper.catalog.Application;
import io.clipper.catalog.CatalogEvent;
import io.clipper.catalog.CertaintySettings;
import io.clipper.catalog.LearningSettings;
import io.clipper.catalog.ModelVersion;
import io.clipper.certainty.Basis;
import io.clipper.certainty.Promise;
import io.clipper.combine.CombinerSettings;
import io.clipper.combine.Labelled;
import io.clipper.model.Datatype;
import io.clipper.model.ModelId;
import io.clipper.model.Signature;
import io.clipper.model.TensorSpec;
import io.clipper.model.runtime.RuntimeSpec;
import io.clipper.model.runtime.WorkerOptions;
import io.clipper.selection.Features;
import io.clipper.selection.Observation;
import io.clipper.selection.PolicySettings;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/** One example of every event, each field filled with something that no other field has, by a name for the golden file. */
final class JournalEvents {
  private static final ModelId MODEL = new ModelId("résumé", "2");
  private static final ModelId OTHER = new ModelId("b", "1");
  private static final CertaintySettings CERTAINTY = new CertaintySettings(Optional.of(0.9), "platt", "adwin");
  private static final LearningSettings LEARNING =
      new LearningSettings(
          Optional.of("exp4"), Map.of("eta", 0.3), Optional.of("stacking"), Map.of("forgetting", 0.9), "squared", Optional.of("probability"),
          Optional.of(0.6), 0.01, "refuse", "every-node", 0.1, 0.95, 0.4, 5, CERTAINTY);
  private static final Signature SIGNATURE =
      new Signature(List.of(new TensorSpec("x", Datatype.FP32, List.of(-1L, 28L)), new TensorSpec("mask", Datatype.BOOL, List.of(), true)));
  private static final Basis CLASSES = new Basis.OfClasses(List.of("7", "1"), List.of(0.7, 0.15));
  private static final Basis NUMBER = new Basis.OfNumber(6.5);
  private static final WorkerOptions WORKER = new WorkerOptions(Map.of("K", "V"), Optional.of(3), Optional.of(1L << 30));

  private JournalEvents() {}

  static Map<String, JournalEvent> all() {
    Map<String, JournalEvent> all = new LinkedHashMap<>();
    addLedger(all);
    addCatalog(all);
    addRuntimes(all);
    return all;
  }

  private static void addLedger(Map<String, JournalEvent> all) {
    Observation observation =
        new Observation(List.of(new Observation.Judged(MODEL, 0.25, 0.5)), List.of(MODEL, OTHER), Optional.of(Features.of(0.125, -1)));
    Labelled said = new Labelled(List.of("7", "1"), List.of(new Labelled.Opinion(MODEL, List.of(0.75, 0.2))), "7");
    all.put("learned", learned(new Lesson(1025, Optional.of("anna"), Optional.of("feedback 1"), observation)));
    all.put(
        "learned-of-classes",
        learned(taught(observation, said, new Promise(CLASSES, 0.3, OptionalDouble.of(0.35), true, 44, OptionalDouble.of(0.8), Optional.of("7")))));
    all.put(
        "learned-of-number",
        learned(taught(observation, said, new Promise(NUMBER, 0.3, OptionalDouble.empty(), false, 45, OptionalDouble.empty(), Optional.empty()))));
    all.put("admitted", new LedgerEvent.Admitted(List.of(MODEL, OTHER), List.of(new LedgerEvent.Succession(MODEL, new ModelId("résumé", "1")))));
    all.put("policy-changed", new LedgerEvent.PolicyChanged(new PolicySettings("exp4", Map.of("eta", 0.3))));
    all.put("certainty-changed", new LedgerEvent.CertaintyChanged(new CombinerSettings("stacking", Map.of("forgetting", 0.9), true), CERTAINTY));
    all.put("ids-reserved", new LedgerEvent.IdsReserved(1L << 40));
    all.put("named", new LedgerEvent.Named(7, 12, List.of(new LedgerEvent.Incarnation(MODEL, 3, 13))));
    all.put("contexts-written", new LedgerEvent.ContextsWritten(1L << 33));
  }

  private static LedgerEvent.Learned learned(Lesson lesson) {
    return new LedgerEvent.Learned(List.of(lesson));
  }

  private static Lesson taught(Observation observation, Labelled said, Promise promise) {
    return new Lesson(1026, Optional.empty(), Optional.empty(), observation, Optional.of("7"), Optional.of(new Lesson.Taught(said, Optional.of(promise))));
  }

  private static void addCatalog(Map<String, JournalEvent> all) {
    all.put(
        "application-added",
        new CatalogEvent.ApplicationAdded(new Application("digits", SIGNATURE, Duration.ofMillis(20), "\"none\"", LEARNING, List.of("a", "b"))));
    all.put("application-updated", new CatalogEvent.ApplicationUpdated("digits", Duration.ofNanos(1_000_000_001), "0", LearningSettings.DEFAULT));
    all.put("application-deleted", new CatalogEvent.ApplicationDeleted("digits"));
    all.put("models-linked", new CatalogEvent.ModelsLinked("digits", List.of("a", "b")));
    all.put("models-unlinked", new CatalogEvent.ModelsUnlinked("digits", List.of("a")));
    all.put("version-added", new CatalogEvent.VersionAdded(version(new RuntimeSpec.Onnx(Optional.of("cuda:0"))), 4));
    all.put("version-staged", new CatalogEvent.VersionStaged(version(new RuntimeSpec.Onnx()), 5));
    all.put("canary-started", new CatalogEvent.CanaryStarted("résumé", "2", 10));
    all.put("canary-ended", new CatalogEvent.CanaryEnded("résumé"));
    all.put("version-set", new CatalogEvent.VersionSet("résumé", "2"));
    all.put("rolled-back", new CatalogEvent.RolledBack("résumé", "1"));
    all.put("version-deleted", new CatalogEvent.VersionDeleted("résumé", "2", Optional.of("1")));
    all.put("last-version-deleted", new CatalogEvent.VersionDeleted("résumé", "1", Optional.empty()));
    all.put("replicas-set", new CatalogEvent.ReplicasSet("résumé", 6));
  }

  private static void addRuntimes(Map<String, JournalEvent> all) {
    RuntimeSpec python = new RuntimeSpec.Python("model.py:predict", Optional.of("doubles"), Optional.of("/opt/python"), WORKER, Optional.of("lab-7"));
    RuntimeSpec command =
        new RuntimeSpec.Command(List.of("serve", "{port}"), Optional.of("/srv"), "theirs", "3", Optional.of("floats"), true, WORKER, Optional.of("lab-8"));
    all.put("version-of-python", new CatalogEvent.VersionAdded(version(python), 1));
    all.put("version-of-command", new CatalogEvent.VersionAdded(version(command), 1));
    all.put("version-of-isolated", new CatalogEvent.VersionAdded(version(new RuntimeSpec.Isolated(new RuntimeSpec.Onnx(), WorkerOptions.DEFAULT)), 1));
    all.put(
        "version-of-endpoint",
        new CatalogEvent.VersionAdded(version(new RuntimeSpec.Endpoint("grpc://host:8001", "theirs", "3", Optional.of("ints"), true)), 1));
    all.put("version-of-plug-in", new CatalogEvent.VersionAdded(version(new RuntimeSpec.PlugIn("no-op", Map.of("sleep", "1ms"))), 1));
    all.put("version-announced", new CatalogEvent.VersionAdded(version(new RuntimeSpec.Announced()), 1));
  }

  private static ModelVersion version(RuntimeSpec runtime) {
    return new ModelVersion(MODEL, SIGNATURE, runtime, Optional.of("0a".repeat(32)), List.of("canary"), "sklearn", "/models/2", 8, false);
  }
}
