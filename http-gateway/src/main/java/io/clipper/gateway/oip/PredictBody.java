package io.clipper.gateway.oip;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import io.clipper.gateway.Json;
import io.clipper.gateway.JsonFault;
import io.clipper.gateway.Unknown;
import io.clipper.model.Signature;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.pekko.util.ByteString;

/**
 * The body of a {@code :predict}: {@code instances}, one entry a row, or {@code inputs}, one entry a tensor, of which exactly one is given.
 * An array of {@code inputs} is the rows of the only tensor to TensorFlow Serving, and to KServe another word for {@code instances}: both
 * read it alike, but for what they want to be answered. A tensor that may be missing is in every row or in none: rows of one request are the rows of the same tensors. NaN and the infinities are
 * legal here as bare words.
 */
record PredictBody(List<WireTensor> tensors, Form form) {
  /** How the tensors were given, which is how they are answered. */
  enum Form {
    /** {@code instances}. */
    ROWS(true, false),
    /** {@code inputs} by name. */
    COLUMNS(false, true),
    /** {@code inputs} without names. */
    ROWS_AS_A_COLUMN(true, true);

    private final boolean byRow;
    private final boolean byTensor;

    Form(boolean byRow, boolean byTensor) {
      this.byRow = byRow;
      this.byTensor = byTensor;
    }

    boolean isAnsweredByRow() {
      return byRow;
    }

    boolean isAnsweredByTensor() {
      return byTensor;
    }
  }

  private static final JsonFactory LENIENT =
      JsonFactory.builder()
          .enable(StreamReadFeature.USE_FAST_DOUBLE_PARSER)
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
          .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
          .streamReadConstraints(StreamReadConstraints.builder().maxNestingDepth(64).maxStringLength(Integer.MAX_VALUE).build())
          .build();

  /** Throws {@link Fault}, or {@link JsonFault}, that says what is wrong and where. */
  static PredictBody read(ByteString body, Signature signature) {
    List<PredictColumn> columns = signature.tensors().stream().map(PredictColumn::new).toList();
    Optional<PredictColumn> unnamed =
        signature.unnamed().flatMap(spec -> columns.stream().filter(column -> column.name().equals(spec.name())).findFirst());
    Form form = readRows(body, columns, unnamed);
    columns.forEach(PredictColumn::counted);
    readRows(body, columns, unnamed);
    List<WireTensor> tensors = new ArrayList<>();
    for (PredictColumn column : columns) {
      if (column.isPartOfRequest()) {
        tensors.add(column.tensor());
      }
    }
    return new PredictBody(tensors, form);
  }

  private static Form readRows(ByteString body, List<PredictColumn> columns, Optional<PredictColumn> unnamed) {
    int given = 0;
    Form form = Form.ROWS;
    Unknown unknown = new Unknown();
    try (JsonParser json = Json.parser(LENIENT, body)) {
      if (json.nextToken() != JsonToken.START_OBJECT) {
        throw Fault.invalid("the request is not a JSON object");
      }
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        String key = json.currentName();
        json.nextToken();
        switch (key) {
          case "instances" -> {
            given++;
            form = Form.ROWS;
            rows(key, json, columns, unnamed);
          }
          case "inputs" -> {
            given++;
            if (json.currentToken() == JsonToken.START_OBJECT) {
              form = Form.COLUMNS;
              json.nextToken();
              named(json, columns, PredictPlace.columns(), PredictColumn::readRows);
            } else {
              form = Form.ROWS_AS_A_COLUMN;
              rows(key, json, columns, unnamed);
            }
          }
          default -> unknown.pass(json);
        }
      }
    } catch (IOException notJson) {
      throw JsonFault.syntax(notJson);
    }
    if (given != 1) {
      throw Fault.invalid("the request has %s of 'instances' and 'inputs', it has to have one", given == 0 ? "none" : "both");
    }
    return form;
  }

  private static void rows(String key, JsonParser json, List<PredictColumn> columns, Optional<PredictColumn> unnamed) throws IOException {
    if (json.currentToken() != JsonToken.START_ARRAY) {
      throw JsonFault.mismatch(key, "Array", json);
    }
    PredictPlace place = PredictPlace.rows(key);
    for (int row = 0; json.nextToken() != JsonToken.END_ARRAY; row++) {
      InferWire.few(key, row, Rows.MOST);
      place.row(row).of("");
      if (json.currentToken() != JsonToken.START_OBJECT) {
        only(unnamed, columns, place).readRow(json, place);
      } else if (json.nextToken() == JsonToken.FIELD_NAME && json.currentName().equals(PredictColumn.BASE64) && columns.size() == 1) {
        columns.getFirst().readBase64Row(json, place);
      } else {
        named(json, columns, place, PredictColumn::readRow);
      }
      for (PredictColumn column : columns) {
        if (column.isMissingInSome(row + 1L)) {
          throw Fault.invalid("%s: input '%s' is given in some rows only; those that lack it are a request of their own", place.of(""), column.name());
        }
      }
    }
  }

  /** Reads what stands under one name. */
  private interface Reading {
    void read(PredictColumn column, JsonParser json, PredictPlace place) throws IOException;
  }

  /** The parser stands on the object's first name, or on its end. */
  private static void named(JsonParser json, List<PredictColumn> columns, PredictPlace place, Reading reading) throws IOException {
    for (JsonToken token = json.currentToken(); token == JsonToken.FIELD_NAME; token = json.nextToken()) {
      String name = json.currentName();
      json.nextToken();
      PredictColumn column =
          columns.stream()
              .filter(known -> known.name().equals(name))
              .findFirst()
              .orElseThrow(() -> Fault.invalid("%s: there is no input '%s'", place.of(""), name));
      reading.read(column, json, place.of(name));
    }
  }

  private static PredictColumn only(Optional<PredictColumn> unnamed, List<PredictColumn> columns, PredictPlace place) {
    return unnamed.orElseThrow(
        () -> Fault.invalid("%s is not an object of the inputs %s", place, columns.stream().map(PredictColumn::name).toList()));
  }
}
