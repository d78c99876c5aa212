package io.clipper.gateway.admin;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.clipper.gateway.Json;
import io.clipper.gateway.JsonFault;
import io.clipper.gateway.Unknown;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The JSON object of one management request; an empty body is an empty object. A null is a key that is not there. */
final class AdminBody {
  private static final JsonMapper MAPPER =
      JsonMapper.builder(Json.FACTORY.copy())
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY)
          .build();

  private final JsonNode object;

  private AdminBody(JsonNode object) {
    this.object = object;
  }

  /** Throws {@link JsonFault}. */
  static AdminBody parse(byte[] body) {
    if (body.length == 0) {
      return new AdminBody(MAPPER.createObjectNode());
    }
    try {
      requireFewNames(body);
      JsonNode node = MAPPER.readTree(body);
      if (!node.isObject()) {
        throw new JsonFault("JSON of type %s given, expected an object".formatted(kind(node)));
      }
      return new AdminBody(node);
    } catch (IOException notJson) {
      throw JsonFault.syntax(notJson);
    }
  }

  /** Before a tree is made of it: a name costs many times what it weighs, and no request has more than a few. */
  private static void requireFewNames(byte[] body) throws IOException {
    int names = 0;
    try (JsonParser json = Json.FACTORY.createParser(body)) {
      for (JsonToken token = json.nextToken(); token != null; token = json.nextToken()) {
        if (token == JsonToken.FIELD_NAME && ++names > Unknown.MOST_NAMES) {
          throw new JsonFault("JSON has more than %d names".formatted(Unknown.MOST_NAMES));
        }
      }
    }
  }

  String string(String key) {
    return optionalString(key).orElseThrow(() -> JsonFault.missing(key));
  }

  Optional<String> optionalString(String key) {
    return value(key).map(node -> text(key, node));
  }

  /** A string, or the text of a number or a boolean, which are as good a default output. */
  Optional<String> optionalScalar(String key) {
    return value(key).map(node -> node.isNumber() || node.isBoolean() ? node.asText() : text(key, node));
  }

  /** Whether that word is given. */
  boolean says(String key, String word) {
    return value(key).filter(node -> node.isTextual() && node.textValue().equals(word)).isPresent();
  }

  int integer(String key) {
    return optionalInteger(key).orElseThrow(() -> JsonFault.missing(key));
  }

  Optional<Integer> optionalInteger(String key) {
    return value(key)
        .map(
            node -> {
              if (!node.isIntegralNumber() || !node.canConvertToInt()) {
                throw JsonFault.mismatch(key, "int", kind(node));
              }
              return node.intValue();
            });
  }

  Optional<Double> optionalNumber(String key) {
    return value(key).map(node -> number(key, node));
  }

  boolean flag(String key) {
    return value(key)
        .map(
            node -> {
              if (!node.isBoolean()) {
                throw JsonFault.mismatch(key, "bool", kind(node));
              }
              return node.booleanValue();
            })
        .orElse(false);
  }

  List<String> strings(String key) {
    JsonNode array = value(key).orElseThrow(() -> JsonFault.missing(key));
    if (!array.isArray()) {
      throw JsonFault.mismatch(key, "Array", kind(array));
    }
    List<String> strings = new ArrayList<>(array.size());
    for (JsonNode element : array) {
      if (!element.isTextual()) {
        throw new JsonFault("Array input of type %s is not of type string (element %d of %s)".formatted(kind(element), strings.size(), key));
      }
      strings.add(text(key, element));
    }
    return strings;
  }

  Optional<Map<String, Double>> optionalNumbers(String key) {
    return value(key)
        .map(
            node -> {
              if (!node.isObject()) {
                throw JsonFault.mismatch(key, "Object", kind(node));
              }
              Map<String, Double> numbers = new LinkedHashMap<>();
              node.properties().forEach(option -> numbers.put(option.getKey(), number(key + "." + option.getKey(), option.getValue())));
              return numbers;
            });
  }

  private Optional<JsonNode> value(String key) {
    JsonNode node = object.get(key);
    return node == null || node.isNull() ? Optional.empty() : Optional.of(node);
  }

  private static double number(String key, JsonNode node) {
    if (!node.isNumber()) {
      throw JsonFault.mismatch(key, "Number", kind(node));
    }
    if (!Double.isFinite(node.doubleValue())) {
      throw new JsonFault("JSON key %s is out of the range of double".formatted(key));
    }
    return node.doubleValue();
  }

  private static String text(String key, JsonNode node) {
    if (!node.isTextual()) {
      throw JsonFault.mismatch(key, "String", kind(node));
    }
    return Json.wellFormed(key, node.textValue());
  }

  private static String kind(JsonNode node) {
    return JsonFault.kind(node.asToken());
  }
}
