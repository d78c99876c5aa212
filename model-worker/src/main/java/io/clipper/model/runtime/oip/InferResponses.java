package io.clipper.model.runtime.oip;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.clipper.model.ClassProbabilities;
import io.clipper.model.Datatype;
import io.clipper.model.NamedTensor;
import io.clipper.model.Output;
import io.clipper.model.Tensor;
import io.clipper.model.runtime.oip.protocol.ModelInferResponse;
import io.clipper.model.runtime.oip.protocol.ModelInferResponse.InferOutputTensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/** A response as one {@link Output} for each row, and outputs as a response. */
final class InferResponses {
  /** The name under which class probabilities travel. */
  private static final String PROBABILITIES = "probabilities";

  private InferResponses() {}

  /** Throws {@link IllegalStateException} or {@link IllegalArgumentException} in words for whoever runs the model. */
  static List<Output> outputs(ModelInferResponse response, int rows) {
    List<List<NamedTensor>> tensors = new ArrayList<>();
    List<Optional<ClassProbabilities>> probabilities = new ArrayList<>();
    for (int i = 0; i < rows; i++) {
      tensors.add(new ArrayList<>());
      probabilities.add(Optional.empty());
    }
    boolean raw = response.getRawOutputContentsCount() > 0;
    if (raw && response.getRawOutputContentsCount() != response.getOutputsCount()) {
      throw new IllegalStateException(
          "the model gave %d contents for %d outputs".formatted(response.getRawOutputContentsCount(), response.getOutputsCount()));
    }
    for (int i = 0; i < response.getOutputsCount(); i++) {
      InferOutputTensor output = response.getOutputs(i);
      List<Tensor> read = rows(output, raw ? Optional.of(response.getRawOutputContents(i)) : Optional.empty(), rows);
      Optional<List<String>> classes = ClassParameter.read(output.getParametersMap());
      for (int row = 0; row < rows; row++) {
        if (classes.isPresent()) {
          probabilities.set(row, Optional.of(probabilities(classes.get(), read.get(row))));
        } else {
          tensors.get(row).add(new NamedTensor(output.getName(), read.get(row)));
        }
      }
    }
    return IntStream.range(0, rows).mapToObj(row -> output(tensors.get(row), probabilities.get(row))).toList();
  }

  /** Each output stacked; throws {@link IllegalStateException} where the rows differ in what they have. */
  static ModelInferResponse response(String model, String version, String id, List<Output> outputs) {
    ModelInferResponse.Builder response = ModelInferResponse.newBuilder().setModelName(model).setModelVersion(version).setId(id);
    if (outputs.isEmpty()) {
      return response.build();
    }
    Output first = outputs.getFirst();
    for (int i = 0; i < first.tensors().size(); i++) {
      addTensor(response, outputs, i);
    }
    first.probabilities().ifPresent(known -> addProbabilities(response, outputs, known.classes()));
    return response.build();
  }

  private static Output output(List<NamedTensor> tensors, Optional<ClassProbabilities> probabilities) {
    if (!tensors.isEmpty()) {
      return new Output(tensors, probabilities);
    }
    ClassProbabilities only = probabilities.orElseThrow(() -> new IllegalStateException("the model gave no output"));
    int best = IntStream.range(0, only.size()).reduce((one, other) -> only.at(other) > only.at(one) ? other : one).orElseThrow();
    return new Output(List.of(new NamedTensor(Output.ONLY, Tensor.ofStrings(only.classes().get(best)).reshaped())), probabilities);
  }

  private static List<Tensor> rows(InferOutputTensor output, Optional<ByteString> raw, int rows) {
    Datatype datatype = Datatype.named(output.getDatatype());
    long[] shape = output.getShapeList().stream().mapToLong(Long::longValue).toArray();
    ByteString bytes = raw.orElseGet(() -> WireTensors.raw(WireTensors.fromContents(datatype, shape, output.getContents())));
    return TensorStack.rows(output.getName(), datatype, shape, bytes, rows);
  }

  private static ClassProbabilities probabilities(List<String> classes, Tensor row) {
    return new ClassProbabilities(classes, IntStream.range(0, Math.toIntExact(row.elements())).mapToDouble(row::doubleAt).toArray());
  }

  private static void addTensor(ModelInferResponse.Builder response, List<Output> outputs, int index) {
    NamedTensor first = outputs.getFirst().tensors().get(index);
    List<Tensor> rows = outputs.stream().map(output -> output.tensors().get(index).tensor()).toList();
    for (Tensor row : rows) {
      if (row.datatype() != first.tensor().datatype() || !Arrays.equals(row.shape(), first.tensor().shape())) {
        throw new IllegalStateException("output '%s' is %s in one row and %s in another".formatted(first.name(), first.tensor(), row));
      }
    }
    InferOutputTensor.Builder tensor = response.addOutputsBuilder().setName(first.name()).setDatatype(first.tensor().datatype().name());
    tensor.addShape(outputs.size());
    for (long extent : first.tensor().shape()) {
      tensor.addShape(extent);
    }
    response.addRawOutputContents(TensorStack.stack(first.name(), first.tensor().datatype(), rows));
  }

  private static void addProbabilities(ModelInferResponse.Builder response, List<Output> outputs, List<String> classes) {
    ByteBuffer values = ByteBuffer.allocate(outputs.size() * classes.size() * Double.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    for (Output output : outputs) {
      ClassProbabilities row =
          output
              .probabilities()
              .filter(known -> known.classes().equals(classes))
              .orElseThrow(() -> new IllegalStateException("the rows have probabilities of different classes"));
      IntStream.range(0, classes.size()).forEach(i -> values.putDouble(row.at(i)));
    }
    response
        .addOutputsBuilder()
        .setName(PROBABILITIES)
        .setDatatype(Datatype.FP64.name())
        .addShape(outputs.size())
        .addShape(classes.size())
        .putParameters(ClassParameter.NAME, ClassParameter.of(classes));
    response.addRawOutputContents(UnsafeByteOperations.unsafeWrap(values.flip()));
  }
}
