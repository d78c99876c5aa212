package io.clipper.gateway.clipper;

import com.fasterxml.jackson.core.Base64Variant;
import com.fasterxml.jackson.core.Base64Variants;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.clipper.gateway.Elements;
import io.clipper.gateway.JsonFault;
import io.clipper.model.Datatype;
import io.clipper.model.Input;
import io.clipper.model.NamedTensor;
import io.clipper.model.Signature;
import io.clipper.model.Tensor;
import io.clipper.model.TensorSpec;
import io.clipper.wire.WireSettings;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads one input by its signature: an array, nested or flat; a string; or, of several tensors, an object of those by name, without those
 * that it may lack and does.
 */
final class InputReader {
  private static final Base64Variant BASE64 = Base64Variants.MIME_NO_LINEFEEDS.withPaddingAllowed();

  private InputReader() {}

  /** The parser stands on the input's first token, and then on its last. Throws {@link io.clipper.Refused} where an array is too large. */
  static Input read(JsonParser json, Signature signature, InputPlace place, WireSettings wire) throws IOException {
    if (json.currentToken() == JsonToken.START_OBJECT) {
      return readNamed(json, signature, place, wire);
    }
    TensorSpec spec =
        signature
            .unnamed()
            .orElseThrow(
                () ->
                    new JsonFault(
                        "%s is of type %s, expected an object of the tensors %s"
                            .formatted(place, JsonFault.kind(json.currentToken()), signature.tensors().stream().map(TensorSpec::name).toList())));
    return new Input(List.of(new NamedTensor(spec.name(), readTensor(json, spec, place, wire))));
  }

  private static Input readNamed(JsonParser json, Signature signature, InputPlace place, WireSettings wire) throws IOException {
    Map<String, Tensor> byName = HashMap.newHashMap(signature.tensors().size());
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      String name = json.currentName();
      json.nextToken();
      TensorSpec spec =
          signature.tensors().stream()
              .filter(tensor -> tensor.name().equals(name))
              .findFirst()
              .orElseThrow(() -> new JsonFault("%s has no tensor '%s'; it takes %s".formatted(place, name, signature.describe())));
      if (byName.put(name, readTensor(json, spec, place.named(name), wire)) != null) {
        throw new JsonFault("%s names tensor '%s' twice".formatted(place, name));
      }
    }
    List<NamedTensor> tensors = new ArrayList<>(signature.tensors().size());
    for (TensorSpec spec : signature.tensors()) {
      Tensor tensor = byName.get(spec.name());
      if (tensor != null) {
        tensors.add(new NamedTensor(spec.name(), tensor));
      } else if (!spec.optional()) {
        throw new JsonFault("%s lacks tensor '%s'".formatted(place, spec.name()));
      }
    }
    if (tensors.isEmpty()) {
      throw new JsonFault("%s has no tensor at all; it takes %s".formatted(place, signature.describe()));
    }
    return new Input(tensors);
  }

  private static Tensor readTensor(JsonParser json, TensorSpec spec, InputPlace place, WireSettings wire) throws IOException {
    if (json.currentToken() == JsonToken.START_ARRAY && !spec.shape().isEmpty()) {
      return new ArrayReader(json, spec, place, wire).read();
    }
    if (json.currentToken() == JsonToken.VALUE_STRING && spec.datatype() == Datatype.UINT8 && spec.shape().size() == 1) {
      byte[] bytes = json.getBinaryValue(BASE64);
      return checked(Tensor.ofUnsignedBytes(bytes), spec, place);
    }
    boolean oneString = json.currentToken() == JsonToken.VALUE_STRING && spec.datatype() == Datatype.BYTES && spec.shape().size() == 1;
    if (spec.shape().isEmpty() || oneString) {
      Elements elements = new Elements(spec.datatype(), 1);
      elements.add(json, place);
      long[] shape = oneString ? new long[] {1} : new long[0];
      return checked(Tensor.wrap(spec.datatype(), shape, elements.toBytes()), spec, place);
    }
    boolean text = spec.datatype() == Datatype.BYTES || (spec.datatype() == Datatype.UINT8 && spec.shape().size() == 1);
    throw JsonFault.mismatch(place.toString(), text ? "String" : "Array", json);
  }

  private static Tensor checked(Tensor tensor, TensorSpec spec, InputPlace place) {
    long[] shape = tensor.shape();
    for (int dimension = 0; dimension < shape.length; dimension++) {
      ArrayReader.checkExtent(spec, dimension, shape[dimension], place);
    }
    return tensor;
  }
}
