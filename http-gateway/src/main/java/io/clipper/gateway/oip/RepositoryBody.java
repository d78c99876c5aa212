package io.clipper.gateway.oip;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.clipper.gateway.Json;
import io.clipper.gateway.JsonFault;
import java.io.IOException;
import org.apache.pekko.util.ByteString;

/** What is asked of the repository: of its index, or of a model that is to be loaded or unloaded. */
record RepositoryBody(boolean readyOnly, Parameters parameters) {
  /** An empty body is an empty object; throws {@link Fault}, or {@link JsonFault}, that says what is wrong. */
  static RepositoryBody read(ByteString body) {
    if (body.isEmpty()) {
      return new RepositoryBody(false, Parameters.NONE);
    }
    try (JsonParser json = Json.parser(body)) {
      if (json.nextToken() != JsonToken.START_OBJECT) {
        throw Fault.invalid("the request is not a JSON object");
      }
      ParametersJson named = new ParametersJson();
      boolean readyOnly = false;
      Parameters parameters = Parameters.NONE;
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        String key = json.currentName();
        JsonToken token = json.nextToken();
        switch (key) {
          case "parameters" -> parameters = named.read(json, "the request");
          case "ready" -> {
            if (!token.isBoolean()) {
              throw JsonFault.mismatch(key, "Boolean", json);
            }
            readyOnly = token == JsonToken.VALUE_TRUE;
          }
          default -> named.pass(json);
        }
      }
      return new RepositoryBody(readyOnly, parameters);
    } catch (IOException notJson) {
      throw JsonFault.syntax(notJson);
    }
  }
}
