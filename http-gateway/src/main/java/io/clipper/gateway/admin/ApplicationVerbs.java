package io.clipper.gateway.admin;

import io.clipper.Refused;
import io.clipper.application.Applications;
import io.clipper.catalog.Application;
import io.clipper.catalog.CatalogChange;
import io.clipper.catalog.LearningSettings;
import io.clipper.gateway.Clipper;
import io.clipper.gateway.JsonFault;
import io.clipper.gateway.Replies;
import io.clipper.model.Signature;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.http.javadsl.model.HttpResponse;

/** What can be asked of applications and their links. */
final class ApplicationVerbs {
  private static final String NAME = "{\"name\" := string}";
  private static final String LINK = "{\"app_name\" := string, \"model_names\" := [string]}";

  private final Clipper clipper;

  ApplicationVerbs(Clipper clipper) {
    this.clipper = clipper;
  }

  List<Verb> all() {
    String add =
        "{\"name\" := string, \"input_type\" := \"integers\" | \"bytes\" | \"floats\" | \"doubles\" | \"strings\","
            + " \"default_output\" := string, \"latency_slo_micros\" := int, optionally "
            + LearningFields.SCHEMA
            + "}";
    String update =
        "{\"name\" := string, optionally \"default_output\" := string, \"latency_slo_micros\" := int, " + LearningFields.SCHEMA + "}";
    return List.of(
        Verb.original("add_app", add, this::add),
        Verb.ours("update_app", update, this::update),
        Verb.original("delete_app", NAME, this::delete),
        Verb.original("add_model_links", LINK, this::link),
        Verb.original("delete_model_links", LINK, this::unlink),
        Verb.original("get_linked_models", "{\"app_name\" := string}", this::linked),
        Verb.original("get_application", NAME, this::get),
        Verb.original("get_all_applications", "{\"verbose\" := bool}", this::getAll));
  }

  private CompletionStage<HttpResponse> add(AdminBody body) {
    String name = body.string("name");
    String inputType = body.string("input_type");
    String defaultOutput = body.optionalScalar("default_output").orElseThrow(() -> JsonFault.missing("default_output"));
    int sloMicros = body.integer("latency_slo_micros");
    LearningSettings learning = LearningFields.over(LearningSettings.DEFAULT, body);
    Signature signature = Names.inputType(inputType);
    Application application =
        Names.checked(() -> new Application(Names.application(name), signature, micros(sloMicros), defaultOutput, learning, List.of()));
    return changed(new CatalogChange.AddApplication(application), "Successfully added application with name '%s'".formatted(name));
  }

  private CompletionStage<HttpResponse> update(AdminBody body) {
    String name = body.string("name");
    Application present = known(name, "Application '%s' does not exist");
    Optional<Duration> slo = body.optionalInteger("latency_slo_micros").map(ApplicationVerbs::micros);
    if (slo.filter(given -> !given.isPositive()).isPresent()) {
      throw Names.invalid("latency_slo_micros %d is not above 0".formatted(slo.get().toNanos() / 1000));
    }
    LearningSettings learning = LearningFields.over(present.learning(), body);
    return changed(
        new CatalogChange.UpdateApplication(
            name,
            slo,
            body.optionalScalar("default_output"),
            learning.equals(present.learning()) ? Optional.empty() : Optional.of(learning)),
        "Successfully updated application with name '%s'".formatted(name));
  }

  private CompletionStage<HttpResponse> delete(AdminBody body) {
    String name = body.string("name");
    return changed(new CatalogChange.DeleteApplication(name), "Successfully deleted application with name '%s'".formatted(name));
  }

  private CompletionStage<HttpResponse> link(AdminBody body) {
    String application = body.string("app_name");
    List<String> models = body.strings("model_names");
    if (models.isEmpty()) {
      throw Names.invalid(
          "Please provide the name of the model that you want to link to the application '%s'"
              .formatted(known(application, "No app with name '%s' exists.").name()));
    }
    String linked = models.size() == 1 ? "model with name '%s'" : "models with names '%s'";
    return changed(
        new CatalogChange.LinkModels(application, models),
        "Successfully linked %s to application '%s'".formatted(linked.formatted(String.join("', '", models)), application));
  }

  private CompletionStage<HttpResponse> unlink(AdminBody body) {
    return changed(new CatalogChange.UnlinkModels(body.string("app_name"), body.strings("model_names")), "Success!");
  }

  private CompletionStage<HttpResponse> linked(AdminBody body) {
    Application application = known(body.string("app_name"), "No application with name '%s' exists.");
    return now(Replies.json(json -> CatalogJson.writeStrings(json, application.models())));
  }

  /** @param otherwise with room for the name: the original has another sentence for each of its requests */
  @SuppressWarnings("AnnotateFormatMethod")
  private Application known(String name, String otherwise) {
    boolean known = clipper.knowsCatalog();
    return clipper
        .application(name)
        .orElseThrow(() -> known ? new Refused(Refused.Reason.NOT_FOUND, otherwise.formatted(name)) : Applications.starting());
  }

  private CompletionStage<HttpResponse> get(AdminBody body) {
    Optional<Application> application = clipper.application(body.string("name"));
    return now(
        Replies.json(
            json -> {
              if (application.isPresent()) {
                CatalogJson.writeApplication(json, application.get());
              } else {
                json.writeStartObject();
                json.writeEndObject();
              }
            }));
  }

  private CompletionStage<HttpResponse> getAll(AdminBody body) {
    boolean verbose = body.flag("verbose");
    return now(
        Replies.json(
            CatalogJson.list(
                clipper.applications(),
                (json, application) -> {
                  if (verbose) {
                    CatalogJson.writeApplication(json, application);
                  } else {
                    json.writeString(application.name());
                  }
                })));
  }

  private CompletionStage<HttpResponse> changed(CatalogChange change, String text) {
    return clipper.change(change).thenApply(done -> Replies.text(text));
  }

  private static Duration micros(int micros) {
    return Duration.ofNanos(micros * 1000L);
  }

  private static CompletionStage<HttpResponse> now(HttpResponse response) {
    return CompletableFuture.completedStage(response);
  }
}
