package io.clipper.gateway.oip;

import io.clipper.gateway.Unexpected;
import io.clipper.model.Datatype;
import io.clipper.model.Input;
import io.clipper.model.NamedTensor;
import io.clipper.model.Signature;
import io.clipper.model.Tensor;
import io.clipper.model.TensorSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * A request's tensors cut into one input for each row. Each row's bytes are copied once, out of the message; a tensor of one row that was
 * decoded from JSON or from typed contents is taken as it is. An optional tensor that is not given is missing in every row.
 *
 * @param batched whether the tensors had a dimension for the batch; without it there is one row, and the answer has none either
 */
record Rows(List<Input> inputs, boolean batched) {
  /** The most rows of one request: each is a query of its own. */
  static final int MOST = 1 << 14;

  /** Throws {@link Fault} that says which tensor is wrong, and how. */
  static Rows cut(List<WireTensor> given, Signature signature) {
    List<TensorSpec> specs = signature.tensors().stream().filter(spec -> !spec.optional() || isGiven(given, spec)).toList();
    List<WireTensor> tensors = new ArrayList<>(specs.size());
    for (TensorSpec spec : specs) {
      tensors.add(only(given, spec));
    }
    for (WireTensor tensor : given) {
      if (signature.tensors().stream().noneMatch(spec -> spec.name().equals(tensor.name()))) {
        throw Fault.invalid("unexpected inference input '%s': the inputs are %s", tensor.name(), describe(signature));
      }
    }
    if (tensors.isEmpty()) {
      throw Fault.invalid("no inference input is given: the inputs are %s", describe(signature));
    }
    boolean batched = tensors.getFirst().shape().size() > specs.getFirst().shape().size();
    long rows = batched ? tensors.getFirst().shape().getFirst() : 1;
    List<List<Tensor>> columns = new ArrayList<>(tensors.size());
    for (int i = 0; i < tensors.size(); i++) {
      check(tensors.get(i), specs.get(i), batched, rows);
    }
    for (WireTensor tensor : tensors) {
      columns.add(column(tensor, (int) rows, batched));
    }
    List<Input> inputs = new ArrayList<>((int) rows);
    for (int row = 0; row < rows; row++) {
      List<NamedTensor> named = new ArrayList<>(tensors.size());
      for (int i = 0; i < tensors.size(); i++) {
        named.add(new NamedTensor(tensors.get(i).name(), columns.get(i).get(row)));
      }
      inputs.add(new Input(named));
    }
    return new Rows(inputs, batched);
  }

  private static boolean isGiven(List<WireTensor> given, TensorSpec spec) {
    return given.stream().anyMatch(tensor -> tensor.name().equals(spec.name()));
  }

  private static WireTensor only(List<WireTensor> given, TensorSpec spec) {
    List<WireTensor> found = given.stream().filter(tensor -> tensor.name().equals(spec.name())).toList();
    if (found.isEmpty()) {
      throw Fault.invalid("inference input '%s' is missing: it is %s of shape %s", spec.name(), spec.datatype(), batched(spec));
    }
    if (found.size() > 1) {
      throw Fault.invalid("inference input '%s' is given %d times", spec.name(), found.size());
    }
    return spec.shape().isEmpty() ? scalars(found.getFirst()) : found.getFirst();
  }

  /** As the configuration has them, each scalar is a vector of one. */
  private static WireTensor scalars(WireTensor tensor) {
    List<Long> shape = tensor.shape();
    return shape.size() == 2 && shape.getLast() == 1 ? new WireTensor(tensor.name(), tensor.datatype(), shape.subList(0, 1), tensor.pieces()) : tensor;
  }

  private static void check(WireTensor tensor, TensorSpec spec, boolean batched, long rows) {
    if (tensor.datatype() != spec.datatype()) {
      throw Fault.invalid("inference input '%s' is %s, expected %s", tensor.name(), tensor.datatype(), spec.datatype());
    }
    List<Long> shape = tensor.shape();
    List<Long> expected = batched ? batched(spec) : spec.shape();
    boolean fits = shape.size() == expected.size();
    for (int i = 0; fits && i < shape.size(); i++) {
      fits = expected.get(i) == -1 || expected.get(i).equals(shape.get(i));
    }
    if (!fits) {
      throw Fault.invalid("unexpected shape for input '%s': got %s, expected %s", tensor.name(), shape, batched(spec));
    }
    if (batched && shape.getFirst() != rows) {
      throw Fault.invalid("input '%s' has %d rows, the first input has %d", tensor.name(), shape.getFirst(), rows);
    }
    if (rows < 1 || rows > MOST) {
      throw Fault.invalid("input '%s' has %d rows, which is outside 1..%d", tensor.name(), rows, MOST);
    }
    long elements = WireTensor.elements(tensor.name(), shape);
    if (elements == 0 && rows > 1) {
      throw Fault.invalid("input '%s' has %d rows of nothing", tensor.name(), rows);
    }
    int size = tensor.size();
    if (tensor.datatype() == Datatype.BYTES) {
      int found = tensor.bytesOf(elements, 0);
      if (found != size) {
        throw Fault.invalid("input '%s' has %d bytes behind its %d elements", tensor.name(), size - found, elements);
      }
    } else if (size % tensor.datatype().elementBytes() != 0 || size / tensor.datatype().elementBytes() != elements) {
      throw Fault.invalid(
          "input '%s' has %d bytes of data, shape %s of %s asks for %d elements of %d",
          tensor.name(), size, shape, tensor.datatype(), elements, tensor.datatype().elementBytes());
    }
  }

  private static List<Tensor> column(WireTensor tensor, int rows, boolean batched) {
    long[] rowShape = tensor.shape().stream().skip(batched ? 1 : 0).mapToLong(extent -> extent).toArray();
    List<Long> inner = tensor.shape().subList(batched ? 1 : 0, tensor.shape().size());
    long elements = WireTensor.elements(tensor.name(), inner);
    List<Tensor> column = new ArrayList<>(rows);
    int at = 0;
    for (int row = 0; row < rows; row++) {
      int length = tensor.datatype() == Datatype.BYTES ? tensor.bytesOf(elements, at) : tensor.size() / rows;
      try {
        column.add(Tensor.wrap(tensor.datatype(), rowShape, tensor.bytes(at, length)));
      } catch (IllegalArgumentException wrong) {
        throw Fault.invalid("row %d of input '%s': %s", row, tensor.name(), Unexpected.words(wrong));
      }
      at += length;
    }
    return column;
  }

  /** The shape as clients see it. */
  static List<Long> batched(TensorSpec spec) {
    return Stream.concat(Stream.of(-1L), spec.shape().stream()).toList();
  }

  private static String describe(Signature signature) {
    return String.join(", ", signature.tensors().stream().map(spec -> "'%s' %s%s%s".formatted(spec.name(), spec.datatype(), batched(spec), spec.optional() ? "?" : "")).toList());
  }
}
