package io.clipper.gateway.admin;

import io.clipper.Refused;
import io.clipper.catalog.Canary;
import io.clipper.catalog.CatalogChange;
import io.clipper.catalog.Model;
import io.clipper.catalog.ModelVersion;
import io.clipper.gateway.Clipper;
import io.clipper.gateway.Replies;
import io.clipper.model.ModelId;
import io.clipper.model.Signature;
import io.clipper.model.runtime.RuntimeSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.http.javadsl.model.HttpResponse;

/** What can be asked of models and their versions. */
final class ModelVerbs {
  private static final String VERSION = "{\"model_name\" := string, \"model_version\" := string}";

  private final Clipper clipper;

  ModelVerbs(Clipper clipper) {
    this.clipper = clipper;
  }

  List<Verb> all() {
    String add =
        "{\"model_name\" := string, \"model_version\" := string, \"labels\" := [string],"
            + " \"input_type\" := \"integers\" | \"bytes\" | \"floats\" | \"doubles\" | \"strings\", \"container_name\" := string,"
            + " \"model_data_path\" := string, optionally \"batch_size\" := int}";
    return List.of(
        Verb.original("add_model", add, this::add),
        Verb.original("set_model_version", VERSION, this::setVersion),
        Verb.original("delete_versioned_model", VERSION, this::delete),
        Verb.original("get_all_models", "{\"verbose\" := bool}", this::getAll),
        Verb.original("get_model", VERSION, this::get),
        Verb.ours("rollback", "{\"model_name\" := string}", body -> inUse(new CatalogChange.RollBack(name(body)), name(body))),
        Verb.ours("start_canary", "{\"model_name\" := string, \"model_version\" := string, \"percent\" := int}", this::startCanary),
        Verb.ours("promote", "{\"model_name\" := string, \"model_version\" := string (optional)}", this::promote),
        Verb.ours("abort", "{\"model_name\" := string}", body -> inUse(new CatalogChange.AbortCanary(name(body)), name(body))),
        Verb.ours("scale", "{\"model_name\" := string, \"replicas\" := int | 'every-node'}", this::scale));
  }

  private CompletionStage<HttpResponse> add(AdminBody body) {
    String name = body.string("model_name");
    String version = body.string("model_version");
    List<String> labels = body.strings("labels");
    String inputType = body.string("input_type");
    String containerName = body.string("container_name");
    String modelDataPath = body.string("model_data_path");
    int batchSize = body.optionalInteger("batch_size").orElse(ModelVersion.ADAPTIVE);
    ModelId id = new ModelId(Names.model("model name", name), Names.model("model version", version));
    labels.forEach(label -> Names.model("label", label));
    Signature signature = Names.inputType(inputType);
    ModelVersion added =
        Names.checked(
            () ->
                new ModelVersion(
                    id, signature, new RuntimeSpec.Announced(), Optional.empty(), labels, containerName, modelDataPath, batchSize, true));
    return changed(
        new CatalogChange.AddModelVersion(added, Optional.empty()),
        "Successfully added model with name '%s' and input type '%s'".formatted(name, signature.describe()));
  }

  private CompletionStage<HttpResponse> setVersion(AdminBody body) {
    String name = body.string("model_name");
    String version = body.string("model_version");
    return changed(
        new CatalogChange.SetModelVersion(name, version), "Successfully set model with name '%s' to version '%s'".formatted(name, version));
  }

  private CompletionStage<HttpResponse> delete(AdminBody body) {
    String name = body.string("model_name");
    String version = body.string("model_version");
    return changed(
        new CatalogChange.DeleteModelVersion(name, version),
        "Successfully deleted model with name '%s' and version '%s'".formatted(name, version));
  }

  private CompletionStage<HttpResponse> getAll(AdminBody body) {
    boolean verbose = body.flag("verbose");
    record Row(Model model, ModelVersion version) {}
    List<Row> rows = new ArrayList<>();
    for (Model model : clipper.models()) {
      model.versions().values().forEach(version -> rows.add(new Row(model, version)));
    }
    return now(
        Replies.json(
            CatalogJson.list(
                rows,
                (json, row) -> {
                  if (verbose) {
                    CatalogJson.writeVersion(json, row.model(), row.version());
                  } else {
                    json.writeString(row.version().id().toString());
                  }
                })));
  }

  private CompletionStage<HttpResponse> get(AdminBody body) {
    String name = body.string("model_name");
    String version = body.string("model_version");
    Optional<Model> model = model(name);
    Optional<ModelVersion> found = model.flatMap(present -> Optional.ofNullable(present.versions().get(version)));
    return now(
        Replies.json(
            json -> {
              if (model.isPresent() && found.isPresent()) {
                CatalogJson.writeVersion(json, model.get(), found.get());
              } else {
                json.writeStartObject();
                json.writeEndObject();
              }
            }));
  }

  private CompletionStage<HttpResponse> startCanary(AdminBody body) {
    String version = body.string("model_version");
    Canary canary = Names.checked(() -> new Canary(version, body.integer("percent")));
    return clipper
        .change(new CatalogChange.StartCanary(name(body), canary.version(), canary.percent()))
        .thenApply(
            done ->
                Replies.json(
                    json -> {
                      json.writeStartObject();
                      json.writeStringField("model_name", name(body));
                      json.writeStringField("model_version", version);
                      json.writeNumberField("percent", canary.percent());
                      json.writeEndObject();
                    }));
  }

  private CompletionStage<HttpResponse> promote(AdminBody body) {
    return inUse(new CatalogChange.PromoteCanary(name(body), body.optionalString("model_version")), name(body));
  }

  private static String name(AdminBody body) {
    return body.string("model_name");
  }

  /** Answers by the version that is in use then. */
  private CompletionStage<HttpResponse> inUse(CatalogChange change, String name) {
    return clipper
        .change(change)
        .thenApply(
            done ->
                Replies.json(
                    json -> {
                      json.writeStartObject();
                      json.writeStringField("model_name", name);
                      CatalogJson.writeOptional(json, "model_version", model(name).flatMap(Model::current));
                      json.writeEndObject();
                    }));
  }

  private CompletionStage<HttpResponse> scale(AdminBody body) {
    String name = body.string("model_name");
    int replicas = ReplicaCount.of(body);
    boolean announced = model(name).flatMap(Model::currentVersion).filter(version -> version.runtime() instanceof RuntimeSpec.Announced).isPresent();
    if (announced) {
      throw new Refused(Refused.Reason.CONFLICT, "Cannot resize the replica set for containerless model '%s'".formatted(name));
    }
    return clipper
        .change(new CatalogChange.SetReplicas(name, replicas))
        .thenApply(
            done ->
                Replies.json(
                    json -> {
                      json.writeStartObject();
                      json.writeStringField("model_name", name);
                      ReplicaCount.write(json, replicas);
                      json.writeEndObject();
                    }));
  }

  private Optional<Model> model(String name) {
    return clipper.models().stream().filter(model -> model.name().equals(name)).findFirst();
  }

  private CompletionStage<HttpResponse> changed(CatalogChange change, String text) {
    return clipper.change(change).thenApply(done -> Replies.text(text));
  }

  private static CompletionStage<HttpResponse> now(HttpResponse response) {
    return CompletableFuture.completedStage(response);
  }
}
