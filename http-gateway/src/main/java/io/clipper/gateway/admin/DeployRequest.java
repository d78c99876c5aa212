package io.clipper.gateway.admin;

import io.clipper.model.Signature;
import io.clipper.model.runtime.RuntimeSpec;
import io.clipper.model.runtime.WorkerOptions;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Function;

/**
 * What the query parameters of a deployment ask.
 *
 * @param version empty: the next number
 * @param signature empty: the model's own
 * @param runtime how it is run; an endpoint has no artifact
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
    Optional<String> application,
    Duration slo,
    String defaultOutput) {
  private static final Set<String> PARAMETERS =
      Set.of(
          "name", "version", "input_type", "isolated", "memory_bytes", "endpoint", "endpoint_model", "endpoint_version", "pass_through", "replicas",
          "app", "slo_micros", "default_output");
  private static final long DEFAULT_SLO_MICROS = 100_000;

  /** Throws {@link io.clipper.Refused} that names the parameter. */
  static DeployRequest parse(String query) {
    Map<String, String> given = parameters(query);
    String model = Optional.ofNullable(given.get("name")).orElseThrow(() -> Names.invalid("query parameter 'name' is missing"));
    long slo = number(given, "slo_micros", 1, Integer.MAX_VALUE).orElse(DEFAULT_SLO_MICROS);
    OptionalLong replicas = number(given, "replicas", 0, 10_000);
    return new DeployRequest(
        Names.model("model name", model),
        value(given, "version", version -> Names.model("model version", version)),
        value(given, "input_type", Names::inputType),
        runtime(given),
        replicas.isPresent() ? Optional.of((int) replicas.getAsLong()) : Optional.empty(),
        value(given, "app", Names::application),
        Duration.ofNanos(slo * 1000),
        given.getOrDefault("default_output", ""));
  }

  boolean hasArtifact() {
    return !(runtime instanceof RuntimeSpec.Endpoint);
  }

  private static RuntimeSpec runtime(Map<String, String> given) {
    boolean isolated = flag(given, "isolated");
    Optional<String> endpoint = value(given, "endpoint", DeployRequest::endpoint);
    if (endpoint.isEmpty()) {
      OptionalLong memory = number(given, "memory_bytes", 1, Long.MAX_VALUE);
      if (!isolated && memory.isPresent()) {
        throw Names.invalid("query parameter 'memory_bytes' is for a process of its own: give 'isolated=true' too");
      }
      WorkerOptions worker = new WorkerOptions(Map.of(), Optional.empty(), memory.isPresent() ? Optional.of(memory.getAsLong()) : Optional.empty());
      return isolated ? new RuntimeSpec.Isolated(new RuntimeSpec.Onnx(), worker) : new RuntimeSpec.Onnx();
    }
    if (isolated) {
      throw Names.invalid("query parameters 'isolated' and 'endpoint' exclude each other");
    }
    return new RuntimeSpec.Endpoint(
        endpoint.get(),
        given.getOrDefault("endpoint_model", ""),
        given.getOrDefault("endpoint_version", ""),
        value(given, "input_type", type -> type),
        flag(given, "pass_through"));
  }

  private static String endpoint(String url) {
    if (!url.startsWith("grpc://") && !url.startsWith("http://") && !url.startsWith("https://")) {
      throw Names.invalid("query parameter 'endpoint' is '%s', which is neither grpc://HOST:PORT nor http://HOST:PORT/v1/models/NAME".formatted(url));
    }
    return url;
  }

  private static boolean flag(Map<String, String> given, String key) {
    return switch (given.getOrDefault(key, "false")) {
      case "true", "" -> true;
      case "false" -> false;
      default -> throw Names.invalid("query parameter '%s' is neither true nor false".formatted(key));
    };
  }

  private static Map<String, String> parameters(String query) {
    Map<String, String> parameters = new HashMap<>();
    for (String pair : query.isEmpty() ? new String[0] : query.split("&", -1)) {
      int equals = pair.indexOf('=');
      String key = equals < 0 ? pair : pair.substring(0, equals);
      String value = equals < 0 ? "" : pair.substring(equals + 1);
      if (!PARAMETERS.contains(key)) {
        throw Names.invalid("query parameter '%s' is not one of %s".formatted(key, PARAMETERS.stream().sorted().toList()));
      }
      String decoded = Names.checked(() -> URLDecoder.decode(value, StandardCharsets.UTF_8));
      if (parameters.put(key, decoded) != null) {
        throw Names.invalid("query parameter '%s' is given twice".formatted(key));
      }
    }
    return parameters;
  }

  private static <T> Optional<T> value(Map<String, String> given, String key, Function<String, T> read) {
    return Optional.ofNullable(given.get(key)).filter(value -> !value.isEmpty()).map(read);
  }

  private static OptionalLong number(Map<String, String> given, String key, long least, long most) {
    String text = given.getOrDefault(key, "");
    if (text.isEmpty()) {
      return OptionalLong.empty();
    }
    try {
      long number = Long.parseLong(text);
      if (number >= least && number <= most) {
        return OptionalLong.of(number);
      }
    } catch (NumberFormatException notANumber) {
      throw Names.invalid("query parameter '%s' is '%s', which is not a whole number".formatted(key, text));
    }
    throw Names.invalid("query parameter '%s' is %s, which is outside %d..%d".formatted(key, text, least, most));
  }
}
