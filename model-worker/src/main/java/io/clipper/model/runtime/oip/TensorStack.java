package io.clipper.model.runtime.oip;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.clipper.model.Datatype;
import io.clipper.model.Tensor;
import io.clipper.model.runtime.batch.Elements;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Rows as one tensor with the rows as its first dimension, and back. */
final class TensorStack {
  private TensorStack() {}

  /** The rows' elements one after the other, as the datatype the model takes; copied once, and not at all where one row is all there is. */
  static ByteString stack(String input, Datatype datatype, List<Tensor> rows) {
    if (rows.size() == 1 && rows.getFirst().datatype() == datatype) {
      return WireTensors.raw(rows.getFirst());
    }
    long size = 0;
    for (Tensor row : rows) {
      size += bytes(datatype, row);
    }
    ByteBuffer buffer = ByteBuffer.allocate(Math.toIntExact(size)).order(ByteOrder.LITTLE_ENDIAN);
    for (Tensor row : rows) {
      Elements.put(row, input, datatype, buffer);
    }
    return UnsafeByteOperations.unsafeWrap(buffer.flip());
  }

  /** How many there are of a row as that datatype. */
  static long bytes(Datatype datatype, Tensor row) {
    return datatype == Datatype.BYTES ? row.sizeInBytes() : row.elements() * datatype.elementBytes();
  }

  /**
   * The rows of a tensor; one of a single element is a scalar, as {@code [N, 1]} and {@code [N]} say the same.
   *
   * @throws IllegalStateException if the tensor has not that many rows; no dimension at all is one row
   */
  static List<Tensor> rows(String output, Datatype datatype, long[] shape, ByteString raw, int rows) {
    if (shape.length == 0 ? rows != 1 : shape[0] != rows) {
      throw new IllegalStateException("output '%s' has shape %s for a batch of %d".formatted(output, Arrays.toString(shape), rows));
    }
    long[] rowShape = rowShape(shape);
    if (rows == 1) {
      return List.of(WireTensors.fromRaw(datatype, rowShape, raw));
    }
    return datatype == Datatype.BYTES ? blobs(rowShape, raw, rows) : numbers(output, datatype, rowShape, raw, rows);
  }

  private static long[] rowShape(long[] shape) {
    long[] row = shape.length == 0 ? shape : Arrays.copyOfRange(shape, 1, shape.length);
    return row.length == 1 && row[0] == 1 ? new long[0] : row;
  }

  private static List<Tensor> numbers(String output, Datatype datatype, long[] rowShape, ByteString raw, int rows) {
    int size = raw.size() / rows;
    if (size * rows != raw.size()) {
      throw new IllegalStateException("output '%s' has %d bytes for a batch of %d".formatted(output, raw.size(), rows));
    }
    List<Tensor> read = new ArrayList<>(rows);
    for (int i = 0; i < rows; i++) {
      read.add(WireTensors.fromRaw(datatype, rowShape, raw.substring(i * size, (i + 1) * size)));
    }
    return read;
  }

  /** Each element says how long it is, so a row ends after as many as its shape asks for. */
  private static List<Tensor> blobs(long[] rowShape, ByteString raw, int rows) {
    long elements = Arrays.stream(rowShape).reduce(1, Math::multiplyExact);
    ByteBuffer lengths = raw.asReadOnlyByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
    List<Tensor> read = new ArrayList<>(rows);
    int start = 0;
    for (int i = 0; i < rows; i++) {
      int end = start;
      for (long element = 0; element < elements; element++) {
        end = endOfBlob(lengths, end);
      }
      // The last row takes what is left, so that bytes nobody asked for are noticed and not dropped.
      read.add(WireTensors.fromRaw(Datatype.BYTES, rowShape, raw.substring(start, i == rows - 1 ? raw.size() : end)));
      start = end;
    }
    return read;
  }

  private static int endOfBlob(ByteBuffer lengths, int start) {
    int length = lengths.limit() - start < Integer.BYTES ? -1 : lengths.getInt(start);
    if (length < 0 || length > lengths.limit() - start - Integer.BYTES) {
      throw new IllegalArgumentException("a BYTES element runs past the end of the data");
    }
    return start + Integer.BYTES + length;
  }
}
