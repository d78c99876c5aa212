package io.clipper.gateway.oip;

import io.clipper.model.Datatype;
import io.clipper.model.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;

/** Puts the rows' tensors under one another. One row is taken as it is; of several each is copied once. */
final class Stacking {
  private Stacking() {}

  /** Throws {@link Fault} where the rows differ in shape. Rows of different datatypes become FP64, or text where some are no numbers. */
  static WireTensor stack(String name, List<Tensor> rows, boolean batched) {
    long[] shape = rows.getFirst().shape();
    for (int row = 1; row < rows.size(); row++) {
      if (!Arrays.equals(shape, rows.get(row).shape())) {
        throw new Fault(
            Fault.Kind.UNSUPPORTED,
            "output '%s' has shape %s in row 0 and %s in row %d, which no tensor has: ask for these rows one by one"
                .formatted(name, Arrays.toString(shape), Arrays.toString(rows.get(row).shape()), row));
      }
    }
    List<Tensor> alike = alike(rows);
    Datatype datatype = alike.getFirst().datatype();
    if (alike.size() == 1) {
      return new WireTensor(name, datatype, shape(1, shape, batched), ByteBuffer.wrap(alike.getFirst().array()));
    }
    int size = 0;
    for (Tensor row : alike) {
      size = Math.addExact(size, row.sizeInBytes());
    }
    ByteBuffer all = ByteBuffer.allocate(size);
    alike.forEach(row -> all.put(row.array()));
    return new WireTensor(name, datatype, shape(alike.size(), shape, batched), all.flip());
  }

  static WireTensor longs(String name, long[] values) {
    return vector(name, Tensor.ofLongs(values));
  }

  static WireTensor doubles(String name, double[] values) {
    return vector(name, Tensor.ofDoubles(values));
  }

  static WireTensor flags(String name, List<Boolean> values) {
    byte[] bytes = new byte[values.size()];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) (values.get(i) ? 1 : 0);
    }
    return vector(name, Tensor.wrap(Datatype.BOOL, new long[] {bytes.length}, bytes));
  }

  static WireTensor texts(String name, List<String> values) {
    return vector(name, Tensor.ofStrings(values.toArray(String[]::new)));
  }

  /** One value for each row: without a batch a vector of one, as most clients know no scalars. */
  private static WireTensor vector(String name, Tensor values) {
    return new WireTensor(name, values.datatype(), Arrays.stream(values.shape()).boxed().toList(), ByteBuffer.wrap(values.array()));
  }

  private static List<Long> shape(int rows, long[] row, boolean batched) {
    return batched || row.length == 0 ? LongStream.concat(LongStream.of(rows), Arrays.stream(row)).boxed().toList() : Arrays.stream(row).boxed().toList();
  }

  private static List<Tensor> alike(List<Tensor> rows) {
    Datatype first = rows.getFirst().datatype();
    if (rows.stream().allMatch(row -> row.datatype() == first)) {
      return rows;
    }
    boolean numbers = rows.stream().allMatch(row -> row.datatype().isNumeric());
    return rows.stream().map(row -> numbers ? doubles(row) : texts(row)).toList();
  }

  private static Tensor doubles(Tensor row) {
    double[] values = new double[Math.toIntExact(row.elements())];
    for (int i = 0; i < values.length; i++) {
      values[i] = row.doubleAt(i);
    }
    return Tensor.ofDoubles(values).reshaped(row.shape());
  }

  static Tensor texts(Tensor row) {
    if (row.datatype() == Datatype.BYTES) {
      return row;
    }
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < row.elements(); i++) {
      texts.add(ElementText.of(row.datatype(), row.bytes(), i));
    }
    return Tensor.ofStrings(texts.toArray(String[]::new)).reshaped(row.shape());
  }

  /** BYTES elements as UTF-8 strings; throws {@link Fault} for what is none. */
  static List<String> strings(WireTensor tensor) {
    List<String> strings = new ArrayList<>();
    ByteBuffer data = tensor.data().duplicate().order(ByteOrder.LITTLE_ENDIAN);
    while (data.hasRemaining()) {
      int length = data.getInt();
      ByteBuffer element = data.slice(data.position(), length);
      strings.add(string(element, strings.size(), tensor.name()));
      data.position(data.position() + length);
    }
    return strings;
  }

  private static String string(ByteBuffer element, int index, String name) {
    try {
      return string(element);
    } catch (CharacterCodingException notText) {
      throw Fault.invalid("element %d of '%s' is not UTF-8: ask for it as binary data", index, name);
    }
  }

  /** Throws for what is no UTF-8. */
  static String string(ByteBuffer element) throws CharacterCodingException {
    return StandardCharsets.UTF_8.newDecoder().decode(element).toString();
  }
}
