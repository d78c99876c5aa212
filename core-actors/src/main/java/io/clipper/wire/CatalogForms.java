package io.clipper.wire;

import io.clipper.catalog.Application;
import io.clipper.catalog.Canary;
import io.clipper.catalog.Catalog;
import io.clipper.catalog.CertaintySettings;
import io.clipper.catalog.LearningSettings;
import io.clipper.catalog.Model;
import io.clipper.catalog.ModelVersion;
import io.clipper.model.runtime.RuntimeSpec;
import io.clipper.model.runtime.WorkerOptions;
import java.util.List;

/** The catalog and what is in it. */
final class CatalogForms {
  static final List<Form<?>> ALL =
      List.of(
          new Form<>(
              96, RuntimeSpec.Onnx.class, (out, onnx) -> out.optional(onnx.device(), WireOutput::text), in -> new RuntimeSpec.Onnx(in.optional(WireInput::text))),
          new Form<>(
              97,
              RuntimeSpec.PlugIn.class,
              (out, plugIn) -> {
                out.text(plugIn.kind());
                out.map(plugIn.options(), WireOutput::text);
              },
              in -> new RuntimeSpec.PlugIn(in.text(), in.map(WireInput::text))),
          new Form<>(98, RuntimeSpec.Announced.class, (out, announced) -> {}, in -> new RuntimeSpec.Announced()),
          new Form<>(
              99,
              RuntimeSpec.Python.class,
              (out, python) -> {
                out.text(python.entry());
                out.optional(python.inputType(), WireOutput::text);
                out.optional(python.interpreter(), WireOutput::text);
                worker(out, python.worker());
                out.optional(python.machine(), WireOutput::text);
              },
              in ->
                  new RuntimeSpec.Python(
                      in.text(), in.optional(WireInput::text), in.optional(WireInput::text), worker(in), in.optional(WireInput::text))),
          new Form<>(
              100,
              RuntimeSpec.Isolated.class,
              (out, isolated) -> {
                out.any(isolated.model());
                worker(out, isolated.worker());
              },
              in -> new RuntimeSpec.Isolated(in.any(RuntimeSpec.class), worker(in))),
          new Form<>(
              101,
              RuntimeSpec.Endpoint.class,
              (out, endpoint) -> {
                out.text(endpoint.url());
                out.text(endpoint.model());
                out.text(endpoint.version());
                out.optional(endpoint.inputType(), WireOutput::text);
                out.writeBoolean(endpoint.passThrough());
              },
              in -> new RuntimeSpec.Endpoint(in.text(), in.text(), in.text(), in.optional(WireInput::text), in.readBoolean())),
          new Form<>(
              102,
              RuntimeSpec.Command.class,
              (out, command) -> {
                out.list(command.words(), WireOutput::text);
                out.optional(command.directory(), WireOutput::text);
                out.text(command.model());
                out.text(command.version());
                out.optional(command.inputType(), WireOutput::text);
                out.writeBoolean(command.passThrough());
                worker(out, command.worker());
                out.optional(command.machine(), WireOutput::text);
              },
              in ->
                  new RuntimeSpec.Command(
                      in.list(WireInput::text),
                      in.optional(WireInput::text),
                      in.text(),
                      in.text(),
                      in.optional(WireInput::text),
                      in.readBoolean(),
                      worker(in),
                      in.optional(WireInput::text))));

  private CatalogForms() {}

  static void catalog(WireOutput out, Catalog catalog) {
    out.longCount(catalog.revision());
    out.map(catalog.applications(), CatalogForms::application);
    out.map(catalog.models(), CatalogForms::model);
    out.optional(catalog.added(), (rest, added) -> rest.map(added, WireOutput::longCount));
  }

  static Catalog catalog(WireInput in) {
    return new Catalog(in.longCount(), in.map(CatalogForms::application), in.map(CatalogForms::model), in.optional(rest -> rest.map(WireInput::longCount)));
  }

  static void application(WireOutput out, Application application) {
    out.text(application.name());
    ModelForms.signature(out, application.signature());
    out.duration(application.slo());
    out.text(application.defaultOutput());
    learning(out, application.learning());
    out.list(application.models(), WireOutput::text);
  }

  static Application application(WireInput in) {
    return new Application(in.text(), ModelForms.signature(in), in.duration(), in.text(), learning(in), in.list(WireInput::text));
  }

  static void version(WireOutput out, ModelVersion version) {
    ModelForms.model(out, version.id());
    ModelForms.signature(out, version.signature());
    out.any(version.runtime());
    out.optional(version.artifact(), WireOutput::text);
    out.list(version.labels(), WireOutput::text);
    out.text(version.containerName());
    out.text(version.modelDataPath());
    out.number(version.batchSize());
    out.writeBoolean(version.cached());
  }

  static ModelVersion version(WireInput in) {
    return new ModelVersion(
        ModelForms.model(in),
        ModelForms.signature(in),
        in.any(RuntimeSpec.class),
        in.optional(WireInput::text),
        in.list(WireInput::text),
        in.text(),
        in.text(),
        Math.toIntExact(in.number()),
        in.readBoolean());
  }

  static void learning(WireOutput out, LearningSettings learning) {
    out.optional(learning.policy(), WireOutput::text);
    out.map(learning.policyOptions(), WireOutput::writeDouble);
    out.optional(learning.combiner(), WireOutput::text);
    out.map(learning.combinerOptions(), WireOutput::writeDouble);
    out.text(learning.loss());
    out.optional(learning.confidence(), WireOutput::text);
    out.optional(learning.confidenceThreshold(), WireOutput::writeDouble);
    out.writeDouble(learning.tolerance());
    out.text(learning.onOverload());
    out.text(learning.partitions());
    out.writeDouble(learning.shadow());
    out.writeDouble(learning.missingLoss());
    out.writeDouble(learning.lateLoss());
    out.count(learning.maxAsked());
    out.optional(learning.certainty().coverage(), WireOutput::writeDouble);
    out.text(learning.certainty().calibration());
    out.text(learning.certainty().watch());
  }

  static LearningSettings learning(WireInput in) {
    return new LearningSettings(
        in.optional(WireInput::text),
        in.map(WireInput::readDouble),
        in.optional(WireInput::text),
        in.map(WireInput::readDouble),
        in.text(),
        in.optional(WireInput::text),
        in.optional(WireInput::readDouble),
        in.readDouble(),
        in.text(),
        in.text(),
        in.readDouble(),
        in.readDouble(),
        in.readDouble(),
        in.count(),
        new CertaintySettings(in.optional(WireInput::readDouble), in.text(), in.text()));
  }

  private static void model(WireOutput out, Model model) {
    out.text(model.name());
    out.map(model.versions(), CatalogForms::version);
    out.optional(model.current(), WireOutput::text);
    out.list(model.previous(), WireOutput::text);
    out.count(model.replicas());
    out.optional(model.canary(), CatalogForms::canary);
  }

  private static void canary(WireOutput out, Canary canary) {
    out.text(canary.version());
    out.count(canary.percent());
  }

  private static Canary canary(WireInput in) {
    return new Canary(in.text(), in.count());
  }

  private static Model model(WireInput in) {
    return new Model(in.text(), in.map(CatalogForms::version), in.optional(WireInput::text), in.list(WireInput::text), in.count(), in.optional(CatalogForms::canary));
  }

  private static void worker(WireOutput out, WorkerOptions worker) {
    out.map(worker.environment(), WireOutput::text);
    out.optional(worker.threads(), WireOutput::count);
    out.optional(worker.memoryBytes(), WireOutput::longCount);
  }

  private static WorkerOptions worker(WireInput in) {
    return new WorkerOptions(in.map(WireInput::text), in.optional(WireInput::count), in.optional(WireInput::longCount));
  }
}
