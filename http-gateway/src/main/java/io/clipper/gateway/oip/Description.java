package io.clipper.gateway.oip;

import io.clipper.model.Datatype;
import io.clipper.model.TensorSpec;
import java.util.List;

/**
 * What a target is, for clients to read; tensors without the dimension of the batch.
 *
 * @param outputs empty where no answer has shown them yet
 */
record Description(String name, List<String> versions, String platform, List<TensorSpec> inputs, List<TensorSpec> outputs) {
  Description {
    versions = List.copyOf(versions);
    inputs = List.copyOf(inputs);
    outputs = List.copyOf(outputs);
  }

  /** A configuration has at least one: a scalar is configured as a vector of one that is reshaped. */
  static List<Long> dims(TensorSpec tensor) {
    return isScalar(tensor) ? List.of(1L) : tensor.shape();
  }

  static boolean isScalar(TensorSpec tensor) {
    return tensor.shape().isEmpty();
  }

  /** The name that a model's configuration has for a datatype. */
  static String configured(Datatype datatype) {
    return datatype == Datatype.BYTES ? "TYPE_STRING" : "TYPE_" + datatype;
  }
}
