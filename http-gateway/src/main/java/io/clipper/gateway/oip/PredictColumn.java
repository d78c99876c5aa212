package io.clipper.gateway.oip;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.clipper.gateway.Elements;
import io.clipper.gateway.JsonFault;
import io.clipper.model.Datatype;
import io.clipper.model.TensorSpec;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * One input of a {@code :predict} as its rows are read, from rows or from a column: all of them of the first one's shape. They are read
 * twice: first checked and counted, so that what is wrong costs nothing, then taken into an array that has their size.
 */
final class PredictColumn {
  /** What stands for a string that is no text: an object of this one name. */
  static final String BASE64 = "b64";

  private static final long UNKNOWN = -1;
  /** The largest array that every Java has. */
  private static final int MOST_BYTES = Integer.MAX_VALUE - 8;

  private final TensorSpec spec;
  private final long[] extents;
  private Elements elements;
  private boolean counting = true;
  private long bytes;
  private long rows;
  private boolean given;

  PredictColumn(TensorSpec spec) {
    this.spec = spec;
    this.extents = spec.shape().stream().mapToLong(extent -> extent).toArray();
    this.elements = new Elements(spec.datatype(), 1);
  }

  String name() {
    return spec.name();
  }

  /** Whether it belongs to the request: one that may be missing does where it was named. */
  boolean isPartOfRequest() {
    return given || !spec.optional();
  }

  /** Whether it is one that may be missing, and was in some of so many rows, but not in all. */
  boolean isMissingInSome(long rowsInAll) {
    return spec.optional() && given && rows != rowsInAll;
  }

  /** All were read once: they are taken when they are read again. Throws {@link Fault} where no array can hold them. */
  void counted() {
    if (bytes > MOST_BYTES) {
      throw new Fault(Fault.Kind.TOO_LARGE, "input '%s' takes %d bytes".formatted(spec.name(), bytes));
    }
    counting = false;
    elements = Elements.withRoom(spec.datatype(), (int) bytes);
    rows = 0;
  }

  /** The parser stands on the first token of an array of rows, and then on its last. */
  void readRows(JsonParser json, PredictPlace place) throws IOException {
    given = true;
    if (json.currentToken() != JsonToken.START_ARRAY) {
      throw JsonFault.mismatch(place.toString(), "Array", json);
    }
    while (json.nextToken() != JsonToken.END_ARRAY) {
      readRow(json, place.row(rows));
    }
    place.row(PredictPlace.NO_ROW);
  }

  void readRow(JsonParser json, PredictPlace place) throws IOException {
    nextRow();
    read(json, place, 0);
  }

  /** The parser stands on the name within the object, and then on the object's end. */
  void readBase64Row(JsonParser json, PredictPlace place) throws IOException {
    if (extents.length > 1 || (extents.length == 1 && !isExtent(0, 1))) {
      throw Fault.invalid("%s is one string, expected shape %s", place, spec.shape());
    }
    nextRow();
    addBase64(json, place);
  }

  private void nextRow() {
    given = true;
    if (++rows > Rows.MOST) {
      throw Fault.invalid("input '%s' has more than %d rows", spec.name(), Rows.MOST);
    }
  }

  WireTensor tensor() {
    List<Long> shape = new ArrayList<>(List.of(rows));
    Arrays.stream(extents).forEach(extent -> shape.add(Math.max(0, extent)));
    return new WireTensor(spec.name(), spec.datatype(), shape, ByteBuffer.wrap(elements.toBytes()));
  }

  private void read(JsonParser json, PredictPlace place, int dimension) throws IOException {
    if (dimension == extents.length) {
      addElement(json, place);
      return;
    }
    long found = 0;
    if (json.currentToken() == JsonToken.START_ARRAY) {
      for (JsonToken token = json.nextToken(); token != JsonToken.END_ARRAY; token = json.nextToken(), found++) {
        read(json, place, dimension + 1);
      }
    } else if (dimension == extents.length - 1) {
      // A value alone for a vector of one.
      addElement(json, place);
      found = 1;
    } else {
      throw JsonFault.mismatch("%s in dimension %d".formatted(place, dimension), "Array", json);
    }
    if (!isExtent(dimension, found)) {
      throw Fault.invalid("%s has %d elements in dimension %d, expected %d", place, found, dimension, extents[dimension]);
    }
  }

  /** An open extent is the first row's from then on. */
  private boolean isExtent(int dimension, long found) {
    if (extents[dimension] == UNKNOWN) {
      extents[dimension] = found;
    }
    return extents[dimension] == found;
  }

  private void addElement(JsonParser json, PredictPlace place) throws IOException {
    if (json.currentToken() != JsonToken.START_OBJECT) {
      elements.add(json, place);
      added();
    } else if (json.nextToken() == JsonToken.FIELD_NAME && json.currentName().equals(BASE64)) {
      addBase64(json, place);
    } else {
      throw Fault.invalid("%s is an object, expected a value", place);
    }
  }

  private void added() {
    if (counting) {
      bytes += elements.forgotten();
    }
  }

  private void addBase64(JsonParser json, PredictPlace place) throws IOException {
    if (spec.datatype() != Datatype.BYTES || json.nextToken() != JsonToken.VALUE_STRING) {
      throw Fault.invalid("%s is not a string in base64 for an input of BYTES", place);
    }
    elements.addBytes(json.getBinaryValue());
    added();
    if (json.nextToken() != JsonToken.END_OBJECT) {
      throw Fault.invalid("%s has more than %s in it", place, BASE64);
    }
  }
}
