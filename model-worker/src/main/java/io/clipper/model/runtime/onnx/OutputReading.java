package io.clipper.model.runtime.onnx;

import ai.onnxruntime.OnnxSequence;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.clipper.model.ClassProbabilities;
import io.clipper.model.NamedTensor;
import io.clipper.model.Output;
import io.clipper.model.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Cuts what a run returns into one {@link Output} for each row. A classifier's label comes first and its probabilities are read with their
 * classes; all else stays a tensor, in the graph's order.
 */
record OutputReading(List<GraphOutput> outputs, Optional<Classification> classification) {
  OutputReading {
    outputs = List.copyOf(outputs);
  }

  List<Output> read(OrtSession.Result result, int rows) throws OrtException {
    List<List<NamedTensor>> tensors = new ArrayList<>();
    List<Optional<ClassProbabilities>> probabilities = new ArrayList<>();
    for (int i = 0; i < rows; i++) {
      tensors.add(new ArrayList<>());
      probabilities.add(Optional.empty());
    }
    for (GraphOutput output : outputs) {
      OnnxValue value = result.get(output.name()).orElseThrow();
      if (isProbabilities(output)) {
        List<Optional<ClassProbabilities>> read = probabilities(value, rows);
        for (int i = 0; i < rows; i++) {
          probabilities.set(i, read.get(i));
        }
        if (value instanceof OnnxSequence || read.stream().allMatch(Optional::isPresent)) {
          continue;
        }
      }
      List<Tensor> read = TensorRows.read(output, (OnnxTensor) value, rows);
      for (int i = 0; i < rows; i++) {
        NamedTensor named = new NamedTensor(output.name(), read.get(i));
        tensors.get(i).add(isLabel(output) ? 0 : tensors.get(i).size(), named);
      }
    }
    List<Output> read = new ArrayList<>();
    for (int i = 0; i < rows; i++) {
      read.add(new Output(tensors.get(i), probabilities.get(i)));
    }
    return read;
  }

  private List<Optional<ClassProbabilities>> probabilities(OnnxValue value, int rows) throws OrtException {
    Classification found = classification.orElseThrow();
    return value instanceof OnnxSequence maps ? found.fromMaps(maps, rows) : found.fromTensor((OnnxTensor) value, rows);
  }

  private boolean isProbabilities(GraphOutput output) {
    return classification.isPresent() && classification.get().probabilities().equals(output.name());
  }

  private boolean isLabel(GraphOutput output) {
    return classification.isPresent() && classification.get().label().equals(output.name());
  }
}
