package io.clipper.gateway.admin;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Function;

/** The parameters of one request's query string, none given twice. Every method throws {@link io.clipper.Refused} that names the parameter. */
record QueryParameters(Map<String, String> given) {
  QueryParameters {
    given = Map.copyOf(given);
  }

  /** @param prefix parameters that begin with it are free in what follows */
  static QueryParameters parse(String query, Set<String> known, String prefix) {
    Map<String, String> parameters = new HashMap<>();
    for (String pair : query.isEmpty() ? new String[0] : query.split("&", -1)) {
      int equals = pair.indexOf('=');
      String key = decoded(equals < 0 ? pair : pair.substring(0, equals));
      if (!known.contains(key) && !(key.startsWith(prefix) && key.length() > prefix.length())) {
        throw Names.invalid("query parameter '%s' is not one of %s".formatted(key, known.stream().sorted().toList()));
      }
      if (parameters.put(key, equals < 0 ? "" : decoded(pair.substring(equals + 1))) != null) {
        throw Names.invalid("query parameter '%s' is given twice".formatted(key));
      }
    }
    return new QueryParameters(parameters);
  }

  /** Empty also where it is given without a value. */
  <T> Optional<T> value(String key, Function<String, T> read) {
    return Optional.ofNullable(given.get(key)).filter(value -> !value.isEmpty()).map(read);
  }

  String text(String key) {
    return given.getOrDefault(key, "");
  }

  boolean flag(String key) {
    return switch (given.getOrDefault(key, "false")) {
      case "true", "" -> true;
      case "false" -> false;
      default -> throw Names.invalid("query parameter '%s' is neither true nor false".formatted(key));
    };
  }

  OptionalLong number(String key, long least, long most) {
    String text = text(key);
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

  /** Those of a prefix, without it. */
  Map<String, String> under(String prefix) {
    Map<String, String> under = new HashMap<>();
    given.forEach(
        (key, value) -> {
          if (key.startsWith(prefix)) {
            under.put(key.substring(prefix.length()), value);
          }
        });
    return under;
  }

  private static String decoded(String text) {
    return Names.checked(() -> URLDecoder.decode(text, StandardCharsets.UTF_8));
  }
}
