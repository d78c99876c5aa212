package io.clipper.gateway.admin;

import io.clipper.model.Signature;
import io.clipper.model.runtime.RuntimeSpec;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Supplier;

/**
 * What the query parameters of a deployment ask.
 *
 * @param version empty: the next number
 * @param signature empty: the model's own
 * @param runtime how it is run; an endpoint and a command have no artifact
 * @param percent of the model's queries that it takes beside the version in use
 * @param application a name to be linked, and made where there is none
 * @param slo of an application that is made
 * @param defaultOutput of an application that is made
 */
record DeployRequest(
    String model,
    Optional<String> version,
    Optional<Signature> signature,
    RuntimeSpec runtime,
    Optional<Integer> replicas,
    Optional<Integer> percent,
    Optional<String> application,
    Duration slo,
    String defaultOutput) {
  private static final Set<String> PARAMETERS =
      Set.of(
          "name", "version", "input_type", "isolated", "entry", "interpreter", "memory_bytes", "threads", "device", "endpoint", "endpoint_model",
          "endpoint_version", "pass_through", "command", "directory", "served_as", "replicas", "percent", "app", "slo_micros", "default_output");
  private static final long DEFAULT_SLO_MICROS = 100_000;

  /** Throws {@link io.clipper.Refused} that names the parameter. */
  static DeployRequest parse(String query) {
    QueryParameters given = QueryParameters.parse(query, PARAMETERS, DeployedRuntime.ENVIRONMENT);
    String model = Optional.ofNullable(given.given().get("name")).orElseThrow(() -> Names.invalid("query parameter 'name' is missing"));
    long slo = given.number("slo_micros", 1, Integer.MAX_VALUE).orElse(DEFAULT_SLO_MICROS);
    OptionalLong percent = given.number("percent", 1, 99);
    return new DeployRequest(
        Names.model("model name", model),
        given.value("version", version -> Names.model("model version", version)),
        given.value("input_type", Names::inputType),
        DeployedRuntime.of(given),
        ReplicaCount.of(given),
        percent.isPresent() ? Optional.of((int) percent.getAsLong()) : Optional.empty(),
        given.value("app", Names::application),
        Duration.ofNanos(slo * 1000),
        given.text("default_output"));
  }

  /** Tied to this node's machine, if it asks for something that only that has. */
  DeployRequest at(Supplier<Optional<String>> machine) {
    return new DeployRequest(
        model, version, signature, DeployedRuntime.at(runtime, machine), replicas, percent, application, slo, defaultOutput);
  }

  boolean hasArtifact() {
    return !(runtime instanceof RuntimeSpec.Endpoint || runtime instanceof RuntimeSpec.Command);
  }

  /** Whether the artifact is a folder, which comes as a ZIP archive. */
  boolean isFolder() {
    return runtime instanceof RuntimeSpec.Python;
  }

  /** What its body has to be. */
  String artifact() {
    return isFolder() ? "a ZIP archive" : "an ONNX file";
  }
}
