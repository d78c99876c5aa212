package io.clipper.model.runtime.onnx;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtUtil;
import io.clipper.model.Datatype;
import io.clipper.model.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Cuts a tensor into its rows. A row of a single element is a scalar: a regressor that returns [N, 1] answers numbers. */
final class TensorRows {
  private TensorRows() {}

  /** Throws {@link IllegalStateException} if the tensor has not that many rows; no dimension at all is one row. */
  static List<Tensor> read(GraphOutput output, OnnxTensor value, int rows) throws OrtException {
    long[] shape = value.getInfo().getShape();
    if (shape.length == 0 ? rows != 1 : shape[0] != rows) {
      throw new IllegalStateException(
          "output '%s' has shape %s for a batch of %d".formatted(output.name(), Arrays.toString(shape), rows));
    }
    Datatype datatype = ElementTypes.datatype(value.getInfo().onnxType).orElseThrow();
    return datatype == Datatype.BYTES ? strings(value, rowShape(shape), rows) : numbers(value, datatype, rowShape(shape), rows);
  }

  /** The one copy there is out of ONNX Runtime's memory. */
  @SuppressWarnings("ByteBufferBackingArray") // the Java interface documents a fresh heap buffer, so its array is the data
  static byte[] bytes(OnnxTensor value) {
    return value.getInfo().getNumElements() == 0 ? new byte[0] : value.getByteBuffer().array();
  }

  private static long[] rowShape(long[] shape) {
    long[] row = shape.length == 0 ? shape : Arrays.copyOfRange(shape, 1, shape.length);
    return row.length == 1 && row[0] == 1 ? new long[0] : row;
  }

  private static List<Tensor> numbers(OnnxTensor value, Datatype datatype, long[] rowShape, int rows) {
    byte[] all = bytes(value);
    if (rows == 1) {
      return List.of(Tensor.wrap(datatype, rowShape, all));
    }
    int size = all.length / rows;
    List<Tensor> read = new ArrayList<>(rows);
    for (int i = 0; i < rows; i++) {
      read.add(Tensor.wrap(datatype, rowShape, Arrays.copyOfRange(all, i * size, (i + 1) * size)));
    }
    return read;
  }

  private static List<Tensor> strings(OnnxTensor value, long[] rowShape, int rows) throws OrtException {
    Object carrier = value.getInfo().getNumElements() == 0 ? new String[0] : value.getValue();
    String[] all = carrier instanceof String one ? new String[] {one} : OrtUtil.flattenString(carrier);
    int size = all.length / rows;
    List<Tensor> read = new ArrayList<>(rows);
    for (int i = 0; i < rows; i++) {
      read.add(Tensor.ofStrings(Arrays.copyOfRange(all, i * size, (i + 1) * size)).reshaped(rowShape));
    }
    return read;
  }
}
