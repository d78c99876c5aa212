package io.clipper.model.runtime.onnx;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.SequenceInfo;
import ai.onnxruntime.TensorInfo;
import io.clipper.model.Datatype;
import java.util.Arrays;
import java.util.List;

/** One output of a graph. */
sealed interface GraphOutput {
  String name();

  /** A tensor with the rows as first dimension; −1 is any extent, and no dimension at all may also mean that the graph does not say. */
  record OfTensor(String name, Datatype datatype, List<Long> shape) implements GraphOutput {
    boolean couldBeLabel() {
      boolean oneForEachRow = shape.size() < 2 || (shape.size() == 2 && shape.get(1) == 1);
      return oneForEachRow && datatype != Datatype.BOOL && !datatype.isFloatingPoint();
    }

    boolean couldBeProbabilities() {
      return shape.size() == 2 && shape.get(1) != 1 && datatype.isFloatingPoint();
    }
  }

  /** A map from class to probability for each row, as scikit-learn converters write it. */
  record OfMaps(String name) implements GraphOutput {}

  /** Throws {@link IllegalArgumentException}, for whoever deployed the model, if the output cannot be read. */
  static GraphOutput of(NodeInfo node) {
    String name = node.getName();
    if (node.getInfo() instanceof TensorInfo tensor) {
      Datatype datatype =
          ElementTypes.datatype(tensor.onnxType)
              .orElseThrow(() -> new IllegalArgumentException("output '%s' has elements of %s".formatted(name, typeName(tensor))));
      return new OfTensor(name, datatype, Arrays.stream(tensor.getShape()).boxed().toList());
    }
    if (node.getInfo() instanceof SequenceInfo sequence && sequence.isSequenceOfMaps()) {
      return new OfMaps(name);
    }
    throw new IllegalArgumentException("output '%s' is neither a tensor nor a sequence of maps".formatted(name));
  }

  /** {@code FLOAT8E5M2} of {@code ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT8E5M2}. */
  static String typeName(TensorInfo tensor) {
    return tensor.onnxType.name().replace("ONNX_TENSOR_ELEMENT_DATA_TYPE_", "");
  }
}
