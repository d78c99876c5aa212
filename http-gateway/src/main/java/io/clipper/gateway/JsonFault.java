package io.clipper.gateway;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;

/** A request's JSON is not what was asked for; the message says what is wrong and where, in the original's words where it has any. */
public final class JsonFault extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public JsonFault(String message) {
    super(message, null, false, false);
  }

  /** Text that is no JSON; whatever a parser over bytes throws is of the client's making. */
  public static JsonFault syntax(IOException failure) {
    if (failure instanceof JsonProcessingException json) {
      long offset = json.getLocation() == null ? 0 : Math.max(0, json.getLocation().getByteOffset());
      // Where something began is told with the parser's own settings in between.
      String words = json.getOriginalMessage().replaceAll("\\[Source: [^;]*; ", "[");
      return new JsonFault("JSON parse error: %s (offset %d)".formatted(words, offset));
    }
    return new JsonFault("JSON parse error: %s (offset 0)".formatted(failure.getMessage()));
  }

  public static JsonFault missing(String key) {
    return new JsonFault("JSON object does not have required key: " + key);
  }

  public static JsonFault mismatch(String key, String expected, String found) {
    return new JsonFault("Type mismatch! JSON key %s expected type %s but found type %s".formatted(key, expected, found));
  }

  public static JsonFault mismatch(String key, String expected, JsonParser parser) {
    return mismatch(key, expected, kind(parser.currentToken()));
  }

  /** The whole message, as the original words it. */
  public String withSchema(String schema) {
    return "Error parsing JSON: %s. Expected JSON schema: %s".formatted(getMessage(), schema);
  }

  /** A value's kind by the name that the original's messages use. */
  public static String kind(JsonToken token) {
    return switch (token) {
      case START_OBJECT, END_OBJECT, FIELD_NAME -> "Object";
      case START_ARRAY, END_ARRAY -> "Array";
      case VALUE_STRING -> "String";
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> "Number";
      case VALUE_TRUE -> "True";
      case VALUE_FALSE -> "False";
      case VALUE_NULL, NOT_AVAILABLE, VALUE_EMBEDDED_OBJECT -> "Null";
    };
  }
}
