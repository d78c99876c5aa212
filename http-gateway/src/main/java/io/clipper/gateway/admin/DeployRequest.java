package io.clipper.gateway.admin;

import io.clipper.model.Signature;
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
 * @param signature empty: the graph's own
 * @param application a name to be linked, and made where there is none
 * @param slo of an application that is made
 * @param defaultOutput of an application that is made
 */
record DeployRequest(
    String model,
    Optional<String> version,
    Optional<Signature> signature,
    Optional<Integer> replicas,
    Optional<String> application,
    Duration slo,
    String defaultOutput) {
  private static final Set<String> PARAMETERS = Set.of("name", "version", "input_type", "replicas", "app", "slo_micros", "default_output");
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
        replicas.isPresent() ? Optional.of((int) replicas.getAsLong()) : Optional.empty(),
        value(given, "app", Names::application),
        Duration.ofNanos(slo * 1000),
        given.getOrDefault("default_output", ""));
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
