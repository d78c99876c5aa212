package io.clipper.gateway.oip;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.clipper.gateway.Elements;
import io.clipper.gateway.JsonFault;
import io.clipper.model.Datatype;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/** A tensor's elements in JSON: nested as its shape is, or flat. */
final class TensorJson {
  /** A digit and a comma: no array of JSON has more elements than half its bytes. */
  private static final int LEAST_ELEMENT_BYTES = 2;
  /** From here on elements are counted before there is room for them. */
  private static final int MANY = 1 << 12;

  private final JsonParser json;
  private final String place;
  private final Datatype datatype;
  private final List<Long> shape;
  private final long wanted;
  private final int bytes;

  /** @param text where the array stands */
  TensorJson(JsonParser json, String name, Datatype datatype, List<Long> shape, JsonText text) {
    this.json = json;
    this.place = "input '%s'".formatted(name);
    this.datatype = datatype;
    this.shape = shape;
    this.wanted = WireTensor.elements(name, shape);
    if (wanted > text.length() / LEAST_ELEMENT_BYTES) {
      throw tooMany(name);
    }
    this.bytes = wanted > MANY || datatype == Datatype.BYTES ? counted(name, text.count()) : (int) wanted * datatype.elementBytes();
  }

  private int counted(String name, JsonText.Count count) {
    if (wanted > count.elements()) {
      throw tooMany(name);
    }
    return Math.toIntExact(datatype == Datatype.BYTES ? wanted * Integer.BYTES + count.stringBytes() : wanted * datatype.elementBytes());
  }

  private Fault tooMany(String name) {
    return Fault.invalid("shape %s of '%s' asks for %d elements, more than the request can hold", shape, name, wanted);
  }

  /** How many bytes reading takes: those of the elements, and two for each character that the parser makes of a text, which may be one alone. */
  long cost() {
    return datatype == Datatype.BYTES ? 3L * bytes : bytes;
  }

  /** The parser stands on the start of the array, and then on its end. */
  byte[] read() throws IOException {
    Elements elements = Elements.withRoom(datatype, bytes);
    read(elements, elements::add);
    return elements.toBytes();
  }

  /** As {@link #read}, but keeps nothing: what is wrong with the elements is thrown all the same, but for the characters of texts. */
  void check() throws IOException {
    Elements elements = new Elements(datatype, 1);
    read(elements, elements::check);
  }

  /** Takes the parser's current value. */
  private interface Taking {
    void take(JsonParser json, Object place) throws IOException;
  }

  private void read(Elements elements, Taking taking) throws IOException {
    if (json.currentToken() != JsonToken.START_ARRAY) {
      throw JsonFault.mismatch(place + ".data", "Array", json);
    }
    JsonToken first = json.nextToken();
    if (first == JsonToken.START_ARRAY && shape.size() > 1) {
      readNested(elements, taking, 0, first);
    } else {
      readElements(elements, taking, first);
    }
    if (elements.count() != wanted) {
      throw Fault.invalid("%s has %d elements, shape %s asks for %d", place, elements.count(), shape, wanted);
    }
  }

  private void readNested(Elements elements, Taking taking, int dimension, JsonToken first) throws IOException {
    long found = 0;
    if (dimension == shape.size() - 1) {
      int before = elements.count();
      readElements(elements, taking, first);
      found = (long) elements.count() - before;
    } else {
      for (JsonToken token = first; token != JsonToken.END_ARRAY; token = json.nextToken(), found++) {
        if (token != JsonToken.START_ARRAY) {
          throw JsonFault.mismatch("%s.data in dimension %d".formatted(place, dimension + 1), "Array", json);
        }
        readNested(elements, taking, dimension + 1, json.nextToken());
      }
    }
    if (found != shape.get(dimension)) {
      throw Fault.invalid("%s has %d elements in dimension %d, shape %s asks for %d", place, found, dimension, shape, shape.get(dimension));
    }
  }

  private void readElements(Elements elements, Taking taking, JsonToken first) throws IOException {
    for (JsonToken token = first; token != JsonToken.END_ARRAY; token = json.nextToken()) {
      if (elements.count() >= wanted) {
        throw Fault.invalid("%s has more elements than the %d that shape %s asks for", place, wanted, shape);
      }
      taking.take(json, place);
    }
  }

  /** Flat, as Triton writes it; what is no number in JSON is null. */
  static void write(JsonGenerator json, WireTensor tensor) throws IOException {
    json.writeStartArray();
    if (tensor.datatype() == Datatype.BYTES) {
      for (String text : Stacking.strings(tensor)) {
        json.writeString(text);
      }
    } else {
      ByteBuffer data = tensor.data().duplicate().order(ByteOrder.LITTLE_ENDIAN);
      int elements = data.limit() / tensor.datatype().elementBytes();
      for (int i = 0; i < elements; i++) {
        write(json, tensor.datatype(), data, i);
      }
    }
    json.writeEndArray();
  }

  /** One element of any datatype but BYTES. */
  static void write(JsonGenerator json, Datatype datatype, ByteBuffer data, int index) throws IOException {
    switch (datatype) {
      case BOOL -> json.writeBoolean(data.get(index) != 0);
      case UINT64 -> json.writeNumber(ElementText.of(datatype, data, index));
      case UINT8, UINT16, UINT32, INT8, INT16, INT32, INT64 -> json.writeNumber(ElementText.whole(datatype, data, index));
      case FP16, BF16, FP32, FP64 -> {
        double value = ElementText.real(datatype, data, index);
        if (!Double.isFinite(value)) {
          json.writeNull();
        } else if (datatype == Datatype.FP64) {
          json.writeNumber(value);
        } else {
          // As a float, so that 0.1 is written as 0.1.
          json.writeNumber((float) value);
        }
      }
      case BYTES -> throw new IllegalStateException("BYTES are written as text");
    }
  }
}
