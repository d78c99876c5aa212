package io.clipper.model.runtime.onnx;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.clipper.model.Datatype;
import io.clipper.model.Tensor;
import io.clipper.model.runtime.batch.BatchStacking;
import io.clipper.model.runtime.batch.BatchedInput;
import io.clipper.model.runtime.batch.Elements;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The direct buffers that a session's runs are stacked in, one for each graph input. They grow to the largest run, and serve one run at a
 * time.
 */
final class InputBuffers {
  private static final long LARGEST = Integer.MAX_VALUE - 64L;

  private final OnnxEnvironment environment;
  private final List<BatchedInput> inputs;
  private final ByteBuffer[] buffers;

  InputBuffers(OnnxEnvironment environment, List<BatchedInput> inputs) {
    this.environment = environment;
    this.inputs = inputs;
    this.buffers = new ByteBuffer[inputs.size()];
    Arrays.setAll(buffers, i -> ByteBuffer.allocateDirect(0));
  }

  /** What a run takes by name; closing it leaves the buffers. */
  record Stacked(Map<String, OnnxTensor> tensors, List<AutoCloseable> held) implements AutoCloseable {
    @Override
    public void close() throws OrtException {
      for (AutoCloseable value : held.reversed()) {
        switch (value) {
          case OnnxTensor tensor -> tensor.close();
          case OrtSession.Result result -> result.close();
          default -> throw new AssertionError(value);
        }
      }
    }
  }

  Stacked stack(BatchStacking.Run run) throws OrtException {
    Stacked stacked = new Stacked(new LinkedHashMap<>(), new ArrayList<>());
    try {
      for (int i = 0; i < buffers.length; i++) {
        stacked.tensors.put(inputs.get(i).name(), tensor(i, run, stacked.held));
      }
    } catch (OrtException | RuntimeException refused) {
      stacked.close();
      throw refused;
    }
    return stacked;
  }

  private OnnxTensor tensor(int index, BatchStacking.Run run, List<AutoCloseable> held) throws OrtException {
    BatchedInput input = inputs.get(index);
    long[] shape = run.shapes().get(index);
    List<Tensor> rows = run.tensors().get(index);
    if (input.datatype() == Datatype.BYTES) {
      return hold(OnnxTensor.createTensor(environment.environment(), strings(input, rows), shape), held);
    }
    ByteBuffer buffer = room(index, rows.size() * rows.getFirst().elements() * input.datatype().elementBytes());
    for (Tensor row : rows) {
      Elements.put(row, input.name(), input.datatype(), buffer);
    }
    OnnxTensor tensor =
        hold(
            OnnxTensor.createTensor(environment.environment(), buffer.flip(), shape, ElementTypes.carrier(input.datatype())), held);
    if (!UnsignedTensors.covers(input.datatype())) {
      return tensor;
    }
    OrtSession.Result cast = environment.unsigned().cast(tensor, input.datatype());
    held.add(cast);
    return (OnnxTensor) cast.get(0);
  }

  private ByteBuffer room(int index, long size) {
    ByteBuffer buffer = buffers[index];
    if (size > LARGEST) {
      throw new IllegalArgumentException("a batch of %d bytes is above %d".formatted(size, LARGEST));
    }
    if (buffer.capacity() < size) {
      buffer = ByteBuffer.allocateDirect((int) Math.min(LARGEST, Math.max(size, 2L * buffer.capacity()))).order(ByteOrder.LITTLE_ENDIAN);
      buffers[index] = buffer;
    }
    return buffer.clear();
  }

  /**
   * The Java interface hands strings over in the JVM's own UTF-8, in which a character above U+FFFF is a pair of three bytes each: such a
   * character comes back as it went in, but inside the graph it equals no text that has it.
   */
  private static String[] strings(BatchedInput input, List<Tensor> rows) {
    List<String> strings = new ArrayList<>();
    for (Tensor row : rows) {
      if (row.datatype() != Datatype.BYTES) {
        throw new IllegalArgumentException("input '%s' is %s, the model takes BYTES".formatted(input.name(), row.datatype()));
      }
      List<String> texts = row.strings();
      if (!Tensor.ofStrings(texts.toArray(String[]::new)).bytes().equals(row.bytes())) {
        throw new IllegalArgumentException("input '%s' has bytes that are no UTF-8, and the strings of ONNX are text".formatted(input.name()));
      }
      strings.addAll(texts);
    }
    return strings.toArray(String[]::new);
  }

  private static OnnxTensor hold(OnnxTensor tensor, List<AutoCloseable> held) {
    held.add(tensor);
    return tensor;
  }
}
