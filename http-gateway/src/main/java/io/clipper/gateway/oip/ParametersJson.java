package io.clipper.gateway.oip;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.clipper.gateway.Json;
import io.clipper.gateway.JsonFault;
import io.clipper.gateway.Unknown;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;

/** Reads the parameters of one request, its own and its parts', which are few all together, and passes over what is not known. */
final class ParametersJson {
  private final Unknown unknown = new Unknown();
  private int count;

  /** The parser stands on the object's start, and then on its end. */
  Parameters read(JsonParser json, String place) throws IOException {
    if (json.currentToken() != JsonToken.START_OBJECT) {
      throw JsonFault.mismatch(place + ".parameters", "Object", json);
    }
    Map<String, Parameter> values = new HashMap<>();
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      InferWire.few("parameters", count++, InferWire.MOST_PARTS);
      String key = json.currentName();
      switch (json.nextToken()) {
        case VALUE_STRING -> values.put(key, new Parameter.Text(Json.text(key, json)));
        case VALUE_TRUE -> values.put(key, new Parameter.Flag(true));
        case VALUE_FALSE -> values.put(key, new Parameter.Flag(false));
        case VALUE_NUMBER_INT ->
            values.put(
                key,
                json.getNumberType() == JsonParser.NumberType.BIG_INTEGER
                    ? new Parameter.Real(json.getDoubleValue())
                    : new Parameter.Whole(json.getLongValue()));
        case VALUE_NUMBER_FLOAT -> values.put(key, new Parameter.Real(json.getDoubleValue()));
        // Whatever else a client has there is for another server.
        case START_OBJECT, START_ARRAY, VALUE_NULL, END_OBJECT, END_ARRAY, FIELD_NAME, NOT_AVAILABLE, VALUE_EMBEDDED_OBJECT -> unknown.pass(json);
      }
    }
    return new Parameters(values);
  }

  /** The parser stands on the value of a name that is not known, and then on that value's end. */
  void pass(JsonParser json) throws IOException {
    unknown.pass(json);
  }
}
