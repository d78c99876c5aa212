package io.clipper.gateway.oip;

import io.clipper.catalog.Application;
import io.clipper.catalog.ModelVersion;
import io.clipper.model.Signature;
import java.util.Optional;

/** What a name of the protocol means: an application, or a model asked directly. */
sealed interface Target {
  /** As it was asked for. */
  String name();

  Signature signature();

  /** Empty text where there is no one version. */
  String version();

  /**
   * @param model the version in use of the only linked model, or the one that was asked for
   * @param asked the version that was asked for
   */
  record OfApplication(String name, Application application, Optional<ModelVersion> model, Optional<String> asked) implements Target {
    @Override
    public Signature signature() {
      return application.signature();
    }

    @Override
    public String version() {
      return model.map(only -> only.id().version()).orElse("");
    }
  }

  record OfModel(String name, ModelVersion model) implements Target {
    @Override
    public Signature signature() {
      return model.signature();
    }

    @Override
    public String version() {
      return model.id().version();
    }
  }
}
