package io.clipper.gateway.admin;

import io.clipper.Refused;
import io.clipper.catalog.CatalogChange;
import io.clipper.catalog.Model;
import io.clipper.catalog.ModelVersion;
import io.clipper.gateway.Clipper;
import io.clipper.gateway.Readiness;
import io.clipper.gateway.Replies;
import io.clipper.model.InputType;
import io.clipper.model.ModelId;
import io.clipper.model.Signature;
import io.clipper.model.runtime.RuntimeSpec;
import io.clipper.model.runtime.batch.BatchStacking;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.http.javadsl.model.HttpResponse;

/** What a worker that nobody here started says of itself. */
final class WorkerVerbs {
  private static final String WORKER = "{\"model_name\" := string, \"model_version\" := string, \"url\" := string%s}";

  private final Clipper clipper;

  WorkerVerbs(Clipper clipper) {
    this.clipper = clipper;
  }

  List<Verb> all() {
    return List.of(
        Verb.ours("announce", WORKER.formatted(", \"input_type\" := string (optional), \"renew\" := bool (optional)"), this::announce),
        Verb.ours("leave", WORKER.formatted(""), this::leave));
  }

  /**
   * A version that is not known comes into being by the first worker that serves it, and is in use then; by one that renews it does not.
   * One that is known takes a new worker that can take its inputs. Refuses as unavailable where it cannot tell whether the version is known.
   */
  private CompletionStage<HttpResponse> announce(AdminBody body) {
    ModelId id = id(body);
    String url = url(body);
    Optional<Signature> declared = body.optionalString("input_type").map(Names::inputType);
    Optional<ModelVersion> known = known(id);
    if (known.isPresent()) {
      return body.flag("renew") ? announced(known.get(), url) : another(known.get(), url);
    }
    if (clipper.ready() instanceof Readiness.NotReady(String reason)) {
      // The catalog may not be here yet: the worker asks again until it is.
      throw new Refused(Refused.Reason.UNAVAILABLE, "there is no model %s as long as the node is not ready: %s".formatted(id, reason));
    }
    if (body.flag("renew")) {
      throw new Refused(Refused.Reason.NOT_FOUND, "there is no model %s any more".formatted(id));
    }
    return declared
        .<CompletionStage<Signature>>map(CompletableFuture::completedStage)
        .orElseGet(() -> inspect(id, url, Optional.empty()))
        .thenCompose(signature -> added(ModelVersion.of(id, signature, new RuntimeSpec.Announced(), Optional.empty()), url));
  }

  /** Two workers may be the first. */
  private CompletionStage<HttpResponse> added(ModelVersion version, String url) {
    return clipper
        .change(new CatalogChange.Deploy(version, Optional.empty(), Optional.empty()))
        .thenCompose(done -> announced(version, url));
  }

  /** A worker that is told at once that it is of another shape can end with that reason. One that cannot be asked fails where it is loaded. */
  private CompletionStage<HttpResponse> another(ModelVersion version, String url) {
    demandAnnounced(version);
    return inspect(version.id(), url, version.signature().shortForm().map(InputType::canonicalName))
        .handle((signature, unreached) -> Optional.ofNullable(signature).filter(theirs -> !BatchStacking.mayTake(theirs, version.signature())))
        .thenCompose(unfit -> unfit.isEmpty() ? announced(version, url) : CompletableFuture.failedStage(unfit(version, url, unfit.get())));
  }

  private static Refused unfit(ModelVersion version, String url, Signature theirs) {
    return new Refused(
        Refused.Reason.CONFLICT,
        "model %s takes %s, and the worker at %s takes %s".formatted(version.id(), version.signature().spelledOut(), url, theirs.spelledOut()));
  }

  /** @param inputType of a worker that does not say what it takes */
  private CompletionStage<Signature> inspect(ModelId id, String url, Optional<String> inputType) {
    return clipper.inspect(id, new RuntimeSpec.Endpoint(url, id.name(), id.version(), inputType, false), Optional.empty());
  }

  private static void demandAnnounced(ModelVersion version) {
    if (!(version.runtime() instanceof RuntimeSpec.Announced)) {
      throw new Refused(Refused.Reason.CONFLICT, "model %s is started by nodes, and not by others".formatted(version.id()));
    }
  }

  private CompletionStage<HttpResponse> announced(ModelVersion version, String url) {
    demandAnnounced(version);
    return clipper
        .announce(version, url)
        .thenApply(
            state ->
                Replies.json(
                    json -> {
                      json.writeStartObject();
                      json.writeStringField("model_name", version.id().name());
                      json.writeStringField("model_version", version.id().version());
                      json.writeStringField("state", state);
                      json.writeEndObject();
                    }));
  }

  private CompletionStage<HttpResponse> leave(AdminBody body) {
    ModelId id = id(body);
    clipper.leave(id, url(body));
    return CompletableFuture.completedStage(
        Replies.json(
            json -> {
              json.writeStartObject();
              json.writeStringField("model_name", id.name());
              json.writeStringField("model_version", id.version());
              json.writeEndObject();
            }));
  }

  private Optional<ModelVersion> known(ModelId id) {
    return clipper.model(id.name()).map(Model::versions).flatMap(versions -> Optional.ofNullable(versions.get(id.version())));
  }

  private static ModelId id(AdminBody body) {
    return new ModelId(Names.model("model name", body.string("model_name")), Names.model("model version", body.string("model_version")));
  }

  private static String url(AdminBody body) {
    String url = body.string("url");
    if (!url.startsWith("grpc://")) {
      throw Names.invalid("a worker is reached by grpc://HOST:PORT, not by '%s'".formatted(url));
    }
    return url;
  }
}
