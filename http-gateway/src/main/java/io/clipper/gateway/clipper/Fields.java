package io.clipper.gateway.clipper;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.clipper.gateway.Json;
import io.clipper.gateway.JsonFault;
import io.clipper.gateway.Unknown;
import java.io.IOException;
import java.util.HashSet;
import java.util.Set;
import org.apache.pekko.util.ByteString;

/** Walks the keys of a request's one object, each known key at most once, and nothing after it. */
final class Fields {
  /** Takes what stands under one key: leaves the parser on the value's last token, and says whether it knew the key. */
  interface Taking {
    boolean take(String key, JsonParser json) throws IOException;
  }

  private Fields() {}

  static void each(ByteString body, Taking taking) {
    try (JsonParser json = Json.parser(body)) {
      JsonToken first = json.nextToken();
      if (first == null) {
        throw new JsonFault("JSON parse error: The document is empty. (offset 0)");
      }
      if (first != JsonToken.START_OBJECT) {
        throw new JsonFault("JSON of type %s given, expected an object".formatted(JsonFault.kind(first)));
      }
      Set<String> taken = new HashSet<>(8);
      Unknown unknown = new Unknown();
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        String key = json.currentName();
        if (json.nextToken() == JsonToken.VALUE_NULL) {
          unknown.pass(json);
        } else if (!taking.take(key, json)) {
          unknown.pass(json);
        } else if (!taken.add(key)) {
          throw new JsonFault("JSON key %s is given twice".formatted(key));
        }
      }
      if (json.nextToken() != null) {
        throw new JsonFault("JSON parse error: text follows the object (offset %d)".formatted(json.currentTokenLocation().getByteOffset()));
      }
    } catch (IOException notJson) {
      throw JsonFault.syntax(notJson);
    }
  }

  static long whole(String key, JsonParser json, long least, long most) throws IOException {
    if (json.currentToken() != JsonToken.VALUE_NUMBER_INT) {
      throw JsonFault.mismatch(key, "int", json);
    }
    boolean large = json.getNumberType() == JsonParser.NumberType.BIG_INTEGER;
    if (large || json.getLongValue() < least || json.getLongValue() > most) {
      throw new JsonFault("JSON key %s is outside %d..%d".formatted(key, least, most));
    }
    return json.getLongValue();
  }

  /** A number of 0..1. */
  static double share(String key, JsonParser json) throws IOException {
    if (!json.currentToken().isNumeric()) {
      throw JsonFault.mismatch(key, "Number", json);
    }
    double value = json.getDoubleValue();
    if (!(value >= 0 && value <= 1)) {
      throw new JsonFault("JSON key %s is %s, which is outside 0..1".formatted(key, value));
    }
    return value;
  }
}
