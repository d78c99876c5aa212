package io.clipper.model.runtime.oip;

import io.clipper.model.Datatype;
import io.clipper.model.Input;
import io.clipper.model.NamedTensor;
import io.clipper.model.Tensor;
import io.clipper.model.runtime.batch.BatchStacking;
import io.clipper.model.runtime.batch.BatchedInput;
import io.clipper.model.runtime.oip.protocol.ModelInferRequest;
import io.clipper.model.runtime.oip.protocol.ModelInferRequest.InferInputTensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A run as a request, and a request as the inputs of a batch. */
final class InferRequests {
  private InferRequests() {}

  static ModelInferRequest request(String model, String version, BatchStacking.Run run) {
    ModelInferRequest.Builder request = ModelInferRequest.newBuilder().setModelName(model).setModelVersion(version);
    for (int i = 0; i < run.inputs().size(); i++) {
      BatchedInput input = run.inputs().get(i);
      InferInputTensor.Builder tensor = request.addInputsBuilder().setName(input.name()).setDatatype(input.datatype().name());
      Arrays.stream(run.shapes().get(i)).forEach(tensor::addShape);
      request.addRawInputContents(TensorStack.stack(input.name(), input.datatype(), run.tensors().get(i)));
    }
    return request.build();
  }

  /**
   * One input for each row: the first dimension of every tensor.
   *
   * @throws IllegalArgumentException for whoever sent it
   */
  static List<Input> rows(ModelInferRequest request) {
    if (request.getInputsCount() == 0) {
      throw new IllegalArgumentException("the request has no input");
    }
    boolean raw = request.getRawInputContentsCount() > 0;
    if (raw && request.getRawInputContentsCount() != request.getInputsCount()) {
      throw new IllegalArgumentException("%d raw contents for %d inputs".formatted(request.getRawInputContentsCount(), request.getInputsCount()));
    }
    int rows = -1;
    List<List<NamedTensor>> inputs = new ArrayList<>();
    for (int i = 0; i < request.getInputsCount(); i++) {
      InferInputTensor input = request.getInputs(i);
      Tensor whole = tensor(request, i, raw);
      long[] shape = whole.shape();
      if (shape.length == 0) {
        throw new IllegalArgumentException("input '%s' has no batch dimension".formatted(input.getName()));
      }
      if (rows >= 0 && shape[0] != rows) {
        throw new IllegalArgumentException("input '%s' has %d rows, the one before it %d".formatted(input.getName(), shape[0], rows));
      }
      rows = Math.toIntExact(shape[0]);
      List<Tensor> cut = rows(input.getName(), whole, shape, rows);
      for (int row = 0; row < rows; row++) {
        if (inputs.size() <= row) {
          inputs.add(new ArrayList<>());
        }
        inputs.get(row).add(new NamedTensor(input.getName(), cut.get(row)));
      }
    }
    return inputs.stream().map(Input::new).toList();
  }

  private static Tensor tensor(ModelInferRequest request, int index, boolean raw) {
    InferInputTensor input = request.getInputs(index);
    Datatype datatype = Datatype.named(input.getDatatype());
    long[] shape = input.getShapeList().stream().mapToLong(Long::longValue).toArray();
    try {
      if (!raw) {
        return WireTensors.fromContents(datatype, shape, input.getContents());
      }
      if (input.hasContents()) {
        throw new IllegalArgumentException("contents and raw contents exclude each other");
      }
      return WireTensors.fromRaw(datatype, shape, request.getRawInputContents(index));
    } catch (IllegalArgumentException wrong) {
      throw new IllegalArgumentException("input '%s': %s".formatted(input.getName(), wrong.getMessage()), wrong);
    }
  }

  /** Unlike an output's, a row of one element keeps its dimension: the signature says which it is. */
  private static List<Tensor> rows(String name, Tensor whole, long[] shape, int rows) {
    long[] rowShape = Arrays.copyOfRange(shape, 1, shape.length);
    if (rows == 0) {
      return List.of();
    }
    return TensorStack.rows(name, whole.datatype(), shape, WireTensors.raw(whole), rows).stream().map(row -> row.reshaped(rowShape)).toList();
  }
}
