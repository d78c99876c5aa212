package io.clipper.gateway.admin;

import com.fasterxml.jackson.core.JsonGenerator;
import io.clipper.catalog.Model;
import io.clipper.catalog.ModelVersion;
import io.clipper.gateway.Clipper;
import io.clipper.gateway.ClusterView;
import io.clipper.gateway.JsonFault;
import io.clipper.gateway.ReplicaView;
import io.clipper.gateway.Replies;
import io.clipper.model.ModelId;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.http.javadsl.model.HttpResponse;

/** What can be asked of what runs: replicas, nodes, the cache, and what was learned. */
final class ClusterVerbs {
  private static final String NOTHING = "{}";
  private static final int FEW_CHANGES = 10;
  private static final int MOST_CHANGES = 1000;

  private final Clipper clipper;

  ClusterVerbs(Clipper clipper) {
    this.clipper = clipper;
  }

  List<Verb> all() {
    String container = "{\"model_name\" := string, \"model_version\" := string, \"replica_id\" := int}";
    return List.of(
        Verb.original("get_all_containers", "{\"verbose\" := bool}", this::containers),
        Verb.original("get_container", container, this::container),
        Verb.ours("get_replicas", "{\"model_name\" := string (optional)}", this::replicas),
        Verb.ours("get_starting", NOTHING, this::starting),
        Verb.ours("get_changes", "{\"limit\" := int (optional)}", this::changes),
        Verb.ours("get_cluster", NOTHING, this::cluster),
        Verb.ours("get_state", "{\"app_name\" := string, \"context\" := string (optional)}", this::state),
        Verb.ours("clear_cache", NOTHING, this::clearCache));
  }

  private CompletionStage<HttpResponse> containers(AdminBody body) {
    boolean verbose = body.flag("verbose");
    return clipper
        .replicas()
        .thenApply(
            replicas ->
                Replies.json(
                    CatalogJson.list(
                        replicas,
                        (json, replica) -> {
                          if (verbose) {
                            writeContainer(json, replica);
                          } else {
                            json.writeString("%s:%d".formatted(replica.model(), replica.number()));
                          }
                        })));
  }

  private CompletionStage<HttpResponse> container(AdminBody body) {
    String name = body.string("model_name");
    String version = body.string("model_version");
    int number = body.integer("replica_id");
    return clipper
        .replicas()
        .thenApply(
            replicas ->
                replicas.stream()
                    .filter(replica -> replica.model().name().equals(name) && replica.model().version().equals(version))
                    .filter(replica -> replica.number() == number)
                    .findFirst())
        .thenApply(
            found ->
                Replies.json(
                    json -> {
                      if (found.isPresent()) {
                        writeContainer(json, found.get());
                      } else {
                        json.writeStartObject();
                        json.writeEndObject();
                      }
                    }));
  }

  private CompletionStage<HttpResponse> replicas(AdminBody body) {
    Optional<String> name = body.optionalString("model_name");
    return clipper
        .replicas()
        .thenApply(replicas -> replicas.stream().filter(replica -> name.isEmpty() || replica.model().name().equals(name.get())).toList())
        .thenApply(replicas -> Replies.json(CatalogJson.list(replicas, ClusterVerbs::writeReplica)));
  }

  /** What deployments that take long wait for. */
  private CompletionStage<HttpResponse> starting(AdminBody body) {
    return CompletableFuture.completedStage(
        Replies.json(
            CatalogJson.list(
                clipper.starting().entrySet().stream().sorted(Map.Entry.comparingByKey()).toList(),
                (json, step) -> {
                  json.writeStartObject();
                  json.writeStringField("model_name", step.getKey().name());
                  json.writeStringField("model_version", step.getKey().version());
                  json.writeStringField("step", step.getValue());
                  json.writeEndObject();
                })));
  }

  private CompletionStage<HttpResponse> changes(AdminBody body) {
    int limit = body.optionalInteger("limit").orElse(FEW_CHANGES);
    if (limit < 1 || limit > MOST_CHANGES) {
      throw new JsonFault("JSON key limit is outside 1..%d".formatted(MOST_CHANGES));
    }
    return clipper
        .changes(limit)
        .thenApply(
            changes ->
                Replies.json(
                    CatalogJson.list(
                        changes,
                        (json, change) -> {
                          json.writeStartObject();
                          json.writeNumberField("revision", change.revision());
                          json.writeStringField("at", change.at().toString());
                          json.writeStringField("change", ChangeWords.of(change.event()));
                          json.writeEndObject();
                        })));
  }

  private CompletionStage<HttpResponse> cluster(AdminBody body) {
    ClusterView cluster = clipper.cluster();
    return CompletableFuture.completedStage(
        Replies.json(
            json -> {
              json.writeStartObject();
              json.writeStringField("self", cluster.self());
              json.writeStringField("shape", cluster.shape());
              json.writeNumberField("catalog_revision", cluster.catalogRevision());
              json.writeArrayFieldStart("members");
              for (ClusterView.Member member : cluster.members()) {
                json.writeStartObject();
                json.writeStringField("address", member.address());
                json.writeStringField("status", member.status());
                CatalogJson.writeStrings(json, "roles", member.roles());
                json.writeEndObject();
              }
              json.writeEndArray();
              json.writeEndObject();
            }));
  }

  /** The original's user id is taken and ignored, as it ignores it. */
  private CompletionStage<HttpResponse> state(AdminBody body) {
    return clipper.state(body.string("app_name"), body.optionalString("context")).thenApply(state -> Replies.json(json -> StateWriter.write(json, state)));
  }

  private CompletionStage<HttpResponse> clearCache(AdminBody body) {
    return clipper
        .clearCache()
        .thenApply(
            done ->
                Replies.json(
                    json -> {
                      json.writeStartObject();
                      json.writeBooleanField("cleared", true);
                      json.writeEndObject();
                    }));
  }

  private static void writeReplica(JsonGenerator json, ReplicaView replica) throws IOException {
    json.writeStartObject();
    json.writeStringField("model_name", replica.model().name());
    json.writeStringField("model_version", replica.model().version());
    json.writeNumberField("replica", replica.number());
    json.writeStringField("node", replica.node());
    json.writeStringField("state", replica.state());
    json.writeNumberField("restarts", replica.restarts());
    CatalogJson.writeOptional(json, "last_error", replica.lastError());
    CatalogJson.writeOptional(json, "last_failure", replica.lastFailure());
    json.writeNumberField("queue", replica.queue());
    json.writeNumberField("batch_limit", replica.batchLimit());
    CatalogJson.writeOptional(json, "remark", replica.remark());
    json.writeEndObject();
  }

  private void writeContainer(JsonGenerator json, ReplicaView replica) throws IOException {
    json.writeStartObject();
    json.writeStringField("model_id", replica.model().toString());
    json.writeStringField("model_name", replica.model().name());
    json.writeStringField("model_version", replica.model().version());
    json.writeNumberField("model_replica_id", replica.number());
    CatalogJson.writeOptional(json, "input_type", version(replica.model()).map(version -> version.signature().describe()));
    json.writeEndObject();
  }

  private Optional<ModelVersion> version(ModelId id) {
    return clipper.models().stream()
        .filter(model -> model.name().equals(id.name()))
        .map(Model::versions)
        .flatMap(versions -> Optional.ofNullable(versions.get(id.version())).stream())
        .findFirst();
  }
}
