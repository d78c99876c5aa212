package io.clipper.gateway.admin;

import io.clipper.Refused;
import io.clipper.catalog.Application;
import io.clipper.catalog.CatalogChange;
import io.clipper.catalog.LearningSettings;
import io.clipper.catalog.Model;
import io.clipper.catalog.ModelVersion;
import io.clipper.gateway.Clipper;
import io.clipper.gateway.DeployOutcome;
import io.clipper.gateway.Replies;
import io.clipper.gateway.Unexpected;
import io.clipper.model.ModelId;
import io.clipper.model.Signature;
import io.clipper.model.runtime.RuntimeSpec;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.stream.javadsl.Source;
import org.apache.pekko.util.ByteString;
import org.jspecify.annotations.Nullable;

/**
 * Brings a model into service in one request: store its file where it has one, add the version (and the application, where one is named), wait until it
 * takes queries. A model that cannot be loaded leaves the catalog as it was.
 */
final class Deployment {
  private final Clipper clipper;
  private final Leftovers leftovers;

  Deployment(Clipper clipper) {
    this.clipper = clipper;
    this.leftovers = new Leftovers(this::isNamed, clipper::discard);
  }

  /**
   * Fails with {@link Refused}.
   *
   * @param mostBytes that the files of an archive may have together
   */
  CompletionStage<HttpResponse> deploy(DeployRequest request, Source<ByteString, ?> artifact, long mostBytes) {
    return leftovers
        .begin()
        .thenCompose(may -> request.isFolder() ? clipper.storeArchive(artifact, mostBytes) : clipper.store(artifact))
        .thenCompose(sha -> deploy(request, Optional.of(sha)).whenComplete((response, failure) -> keepOnSuccess(sha, failure)))
        .handle((response, failure) -> leftovers.end().thenCompose(end -> outcome(response, failure)))
        .thenCompose(answer -> answer);
  }

  /** A version without an artifact: it is somebody else's. Fails with {@link Refused}. */
  CompletionStage<HttpResponse> deploy(DeployRequest request) {
    return deploy(request, Optional.empty());
  }

  private void keepOnSuccess(String sha, @Nullable Throwable failure) {
    if (failure != null) {
      leftovers.add(sha);
    }
  }

  private static CompletionStage<HttpResponse> outcome(@Nullable HttpResponse response, @Nullable Throwable failure) {
    return failure == null ? CompletableFuture.completedStage(Objects.requireNonNull(response)) : CompletableFuture.failedStage(failure);
  }

  private boolean isNamed(String sha) {
    return clipper.models().stream()
        .flatMap(model -> model.versions().values().stream())
        .anyMatch(version -> version.artifact().filter(sha::equals).isPresent());
  }

  private CompletionStage<HttpResponse> deploy(DeployRequest request, Optional<String> sha) {
    return request
        .signature()
        .<CompletionStage<Signature>>map(CompletableFuture::completedStage)
        .orElseGet(() -> clipper.inspect(new ModelId(request.model(), request.version().orElse("1")), request.runtime(), sha))
        .thenCompose(signature -> deploy(request, sha, signature));
  }

  private CompletionStage<HttpResponse> deploy(DeployRequest request, Optional<String> sha, Signature signature) {
    Optional<Model> before = clipper.model(request.model());
    String version = request.version().orElseGet(() -> nextVersion(before, request, sha, signature));
    ModelVersion added =
        Names.checked(() -> ModelVersion.of(new ModelId(request.model(), version), signature, request.runtime(), sha));
    Optional<Application> application =
        request
            .application()
            .map(name -> new Application(name, signature, request.slo(), request.defaultOutput(), LearningSettings.DEFAULT, List.of(request.model())));
    CatalogChange.Deploy deploy = new CatalogChange.Deploy(added, request.replicas(), application, request.percent());
    WayBack wayBack = new WayBack(deploy, before, request.application().flatMap(clipper::application));
    return clipper.change(deploy).thenCompose(done -> warm(added, request, wayBack));
  }

  private CompletionStage<HttpResponse> warm(ModelVersion added, DeployRequest request, WayBack wayBack) {
    if (request.replicas().filter(replicas -> replicas == 0).isPresent()) {
      return CompletableFuture.completedStage(deployed(added, request, "stopped", Optional.empty()));
    }
    return clipper
        .whenWarm(added.id())
        .thenCompose(
            outcome ->
                switch (outcome) {
                  case DeployOutcome.Warm warm -> CompletableFuture.completedStage(deployed(added, request, "ready", warm.remark()));
                  case DeployOutcome.Failed failed -> undone(request, wayBack, failed.message());
                });
  }

  private CompletionStage<HttpResponse> undone(DeployRequest request, WayBack wayBack, String why) {
    CompletionStage<Void> undone = CompletableFuture.completedStage(null);
    for (CatalogChange change : wayBack.from(clipper.model(request.model()), request.application().flatMap(clipper::application))) {
      undone = undone.thenCompose(done -> clipper.change(change));
    }
    return undone
        .handle((done, failure) -> failure == null ? why : "%s (and it could not be removed again: %s)".formatted(why, Unexpected.words(failure)))
        .thenCompose(message -> CompletableFuture.failedStage(Names.invalid(message)));
  }

  /** One more than the highest number in use; the version in use itself where this is the same request again. */
  private static String nextVersion(Optional<Model> model, DeployRequest request, Optional<String> sha, Signature signature) {
    Optional<ModelVersion> same =
        model
            .flatMap(Model::currentVersion)
            .filter(version -> version.artifact().equals(sha) && version.runtime().equals(request.runtime()) && version.signature().equals(signature));
    if (same.isPresent()) {
      return same.get().id().version();
    }
    long highest =
        model.stream()
            .flatMap(present -> present.versions().keySet().stream())
            .filter(version -> version.matches("[0-9]{1,18}"))
            .mapToLong(Long::parseLong)
            .max()
            .orElse(0);
    return Long.toString(highest + 1);
  }

  private static HttpResponse deployed(ModelVersion version, DeployRequest request, String state, Optional<String> remark) {
    return Replies.json(
        json -> {
          json.writeStartObject();
          json.writeStringField("model", version.id().name());
          json.writeStringField("version", version.id().version());
          CatalogJson.writeOptional(json, "artifact", version.artifact());
          json.writeStringField("input_type", version.signature().describe());
          json.writeStringField("state", state);
          if (version.runtime() instanceof RuntimeSpec.Python || version.runtime() instanceof RuntimeSpec.Command) {
            json.writeBooleanField("movable", version.runtime().tiedTo().isEmpty());
          }
          CatalogJson.writeOptional(json, "application", request.application());
          CatalogJson.writeOptional(json, "remark", remark);
          json.writeEndObject();
        });
  }
}
