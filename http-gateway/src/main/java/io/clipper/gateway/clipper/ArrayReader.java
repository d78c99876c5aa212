package io.clipper.gateway.clipper;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.clipper.gateway.Elements;
import io.clipper.gateway.JsonFault;
import io.clipper.model.Tensor;
import io.clipper.model.TensorSpec;
import io.clipper.wire.WireSettings;
import java.io.IOException;
import java.util.Arrays;

/** Reads one tensor from an array: nested as its shape is, or flat where the shape can be told from the number of elements. */
final class ArrayReader {
  private static final int UNKNOWN = -1;

  private final JsonParser json;
  private final TensorSpec spec;
  private final InputPlace place;
  private final int rank;
  private final long[] extents;
  private final WireSettings wire;
  private final Elements elements;
  /** The bytes of elements that were read and are not kept, as there are too many. */
  private long forgotten;

  /** @param wire says how many bytes a tensor takes at most */
  ArrayReader(JsonParser json, TensorSpec spec, InputPlace place, WireSettings wire) {
    this.json = json;
    this.spec = spec;
    this.place = place;
    this.wire = wire;
    this.rank = spec.shape().size();
    this.extents = new long[rank];
    Arrays.fill(extents, UNKNOWN);
    this.elements = new Elements(spec.datatype(), product());
  }

  /** The parser stands on the start of the array, and then on its end. Throws {@link io.clipper.Refused} for one that is too large. */
  Tensor read() throws IOException {
    JsonToken first = json.nextToken();
    if (rank > 1 && first != JsonToken.START_ARRAY && first != JsonToken.END_ARRAY) {
      readElements(first);
      tellShape();
    } else {
      readDimension(0, first);
      for (int dimension = 0; dimension < rank; dimension++) {
        extents[dimension] = extents[dimension] == UNKNOWN ? Math.max(0, spec.shape().get(dimension)) : extents[dimension];
      }
    }
    if (forgotten > 0) {
      throw wire.refusal(place.toString(), forgotten + elements.sizeInBytes()).orElseThrow();
    }
    return Tensor.wrap(spec.datatype(), extents, elements.toBytes());
  }

  private void readDimension(int dimension, JsonToken first) throws IOException {
    long extent;
    if (dimension == rank - 1) {
      extent = readElements(first);
    } else {
      extent = 0;
      for (JsonToken token = first; token != JsonToken.END_ARRAY; token = json.nextToken()) {
        if (token != JsonToken.START_ARRAY) {
          throw JsonFault.mismatch("%s in dimension %d".formatted(place, dimension + 1), "Array", json);
        }
        readDimension(dimension + 1, json.nextToken());
        extent++;
      }
    }
    checkExtent(spec, dimension, extent, place);
    if (extents[dimension] != UNKNOWN && extents[dimension] != extent) {
      throw new JsonFault(
          "%s is ragged: %d and %d elements in dimension %d".formatted(place, extents[dimension], extent, dimension));
    }
    extents[dimension] = extent;
  }

  private int readElements(JsonToken first) throws IOException {
    int before = elements.count();
    for (JsonToken token = first; token != JsonToken.END_ARRAY; token = json.nextToken()) {
      elements.add(json, place);
      if (elements.sizeInBytes() > wire.limitBytes()) {
        forgotten += elements.forgotten();
      }
    }
    return elements.count() - before;
  }

  static void checkExtent(TensorSpec spec, int dimension, long found, InputPlace place) {
    long expected = spec.shape().get(dimension);
    if (expected != UNKNOWN && expected != found) {
      String where = spec.shape().size() == 1 ? "" : " in dimension " + dimension;
      throw new JsonFault("%s has %d elements%s, expected %d".formatted(place, found, where, expected));
    }
  }

  /** The shape of a flat list: as the signature has it, with at most one extent told from the number of elements. */
  private void tellShape() {
    int open = UNKNOWN;
    long known = 1;
    for (int dimension = 0; dimension < rank; dimension++) {
      extents[dimension] = spec.shape().get(dimension);
      if (extents[dimension] == UNKNOWN && open != UNKNOWN) {
        throw new JsonFault("%s is a flat list, and shape %s has two open extents: nest it".formatted(place, spec.shape()));
      } else if (extents[dimension] == UNKNOWN) {
        open = dimension;
      } else {
        known *= extents[dimension];
      }
    }
    if (open == UNKNOWN ? known != elements.count() : known == 0 || elements.count() % known != 0) {
      throw new JsonFault(
          "%s has %d elements, expected %s%d for shape %s"
              .formatted(place, elements.count(), open == UNKNOWN ? "" : "a multiple of ", known, spec.shape()));
    }
    if (open != UNKNOWN) {
      extents[open] = elements.count() / known;
    }
  }

  /** The number of elements where every extent is fixed, else −1. */
  private long product() {
    long product = 1;
    for (long extent : spec.shape()) {
      if (extent == UNKNOWN || extent > Integer.MAX_VALUE || product > Integer.MAX_VALUE) {
        return UNKNOWN;
      }
      product *= extent;
    }
    return product;
  }
}
