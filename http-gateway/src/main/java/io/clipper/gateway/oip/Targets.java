package io.clipper.gateway.oip;

import io.clipper.application.Applications;
import io.clipper.catalog.Application;
import io.clipper.catalog.Model;
import io.clipper.catalog.ModelVersion;
import io.clipper.gateway.Clipper;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Finds what the protocol's names mean. An application has its name; {@code NAME@model} is the model, and so is NAME where no application has it. */
final class Targets {
  private final Clipper clipper;

  Targets(Clipper clipper) {
    this.clipper = clipper;
  }

  /** Throws {@link Fault} where there is nothing of that name or version; unavailable, where the node does not know yet what there is. */
  Target of(String name, String version) {
    boolean known = clipper.knowsCatalog();
    try {
      return found(name, version);
    } catch (Fault fault) {
      throw known || fault.kind() != Fault.Kind.NOT_FOUND ? fault : Fault.of(Applications.starting(), name);
    }
  }

  private Target found(String name, String version) {
    Optional<Application> application = clipper.application(name);
    if (application.isPresent()) {
      return application(name, application.get(), version);
    }
    String plain = name.endsWith(Clipper.ASKED_DIRECTLY) ? name.substring(0, name.length() - Clipper.ASKED_DIRECTLY.length()) : name;
    Model model = clipper.model(plain).orElseThrow(() -> unknown(name, version));
    if (!version.isEmpty()) {
      return new Target.OfModel(name, Optional.ofNullable(model.versions().get(version)).orElseThrow(() -> unknown(name, version)));
    }
    return model
        .currentVersion()
        .map(inUse -> new Target.OfModel(name, inUse))
        .orElseThrow(() -> new Fault(Fault.Kind.UNAVAILABLE, "Request for model '%s', of which no version is in use".formatted(name)));
  }

  /** Every application, then every model's version in use. */
  List<Target> all() {
    Stream<Target> applications = clipper.applications().stream().map(application -> application(application.name(), application, ""));
    Stream<Target> models =
        clipper.models().stream()
            .flatMap(model -> model.currentVersion().stream().map(version -> new Target.OfModel(model.name() + Clipper.ASKED_DIRECTLY, version)));
    return Stream.concat(applications, models).toList();
  }

  List<String> applications() {
    return clipper.applications().stream().map(Application::name).toList();
  }

  /** In the order in which they came. */
  List<String> versions(Target target) {
    return switch (target) {
      case Target.OfApplication application -> application.model().map(only -> versions(only.id().name())).orElse(List.of());
      case Target.OfModel model -> versions(model.model().id().name());
    };
  }

  private List<String> versions(String model) {
    return clipper.model(model).map(found -> List.copyOf(found.versions().keySet())).orElse(List.of());
  }

  private Target application(String name, Application application, String version) {
    Optional<Model> only = application.models().size() == 1 ? clipper.model(application.models().getFirst()) : Optional.empty();
    if (version.isEmpty()) {
      return new Target.OfApplication(name, application, only.flatMap(Model::currentVersion), Optional.empty());
    }
    if (application.models().size() != 1) {
      throw Fault.invalid(
          "application '%s' is linked to %d models: it has no version '%s' to ask for, as one with a single model has",
          name, application.models().size(), version);
    }
    ModelVersion asked = only.flatMap(model -> Optional.ofNullable(model.versions().get(version))).orElseThrow(() -> unknown(name, version));
    return new Target.OfApplication(name, application, Optional.of(asked), Optional.of(version));
  }

  private static Fault unknown(String name, String version) {
    String which = version.isEmpty() ? "" : " version '%s'".formatted(version);
    return new Fault(Fault.Kind.NOT_FOUND, "Request for unknown model: '%s'%s is not found".formatted(name, which));
  }
}
