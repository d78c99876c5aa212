package io.clipper.model.runtime.onnx;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtProvider;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import io.clipper.model.Datatype;
import io.clipper.model.runtime.ModelLoadException;
import io.clipper.model.runtime.ModelRuntime;
import io.clipper.model.runtime.RuntimeProvider;
import io.clipper.model.runtime.RuntimeSpec;
import io.clipper.model.runtime.ThreadBudget;
import io.clipper.model.runtime.batch.BatchStacking;
import io.clipper.model.runtime.batch.BatchedInput;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** Loads ONNX files. */
public final class OnnxRuntimeProvider implements RuntimeProvider {
  private static final String CUDA = "cuda:";

  @Override
  public String kind() {
    return "onnx";
  }

  @Override
  public ModelRuntime load(RuntimeSpec spec, Optional<Path> artifact, ThreadBudget threads) throws ModelLoadException {
    Path file = artifact.orElseThrow(() -> new ModelLoadException("an ONNX model is a file, and none is given"));
    checkFile(file);
    OnnxEnvironment environment = environment(threads);
    OrtSession session = open(environment, file, gpu(spec));
    try {
      return new OnnxModelRuntime(environment, session, stacking(session), reading(session, file));
    } catch (OrtException | IllegalArgumentException | UncheckedIOException refused) {
      close(session);
      throw new ModelLoadException("the ONNX model cannot be served: " + refused.getMessage(), refused);
    }
  }

  private static void checkFile(Path file) throws ModelLoadException {
    if (Files.isDirectory(file)) {
      throw new ModelLoadException("an ONNX model is a file, and the artifact is a folder");
    }
    try {
      if (Files.size(file) == 0) {
        throw new ModelLoadException("the ONNX file is empty");
      }
    } catch (IOException unreadable) {
      throw new ModelLoadException("the ONNX file cannot be read", unreadable);
    }
  }

  private static OnnxEnvironment environment(ThreadBudget threads) throws ModelLoadException {
    try {
      return OnnxEnvironment.within(threads);
    } catch (LinkageError unsupported) {
      throw new ModelLoadException("ONNX Runtime does not start on this machine", unsupported);
    }
  }

  /** The GPU of that number, where one is asked for and this build could use it. */
  private static OptionalInt gpu(RuntimeSpec spec) throws ModelLoadException {
    Optional<String> device = spec instanceof RuntimeSpec.Onnx onnx ? onnx.device() : Optional.empty();
    if (device.isEmpty()) {
      return OptionalInt.empty();
    }
    if (!OrtEnvironment.getAvailableProviders().contains(OrtProvider.CUDA)) {
      throw new ModelLoadException(
          "device %s: this build's ONNX Runtime is for processors only; build with mvn -Pcuda, on a machine with an NVIDIA GPU, CUDA and cuDNN"
              .formatted(device.get()));
    }
    return OptionalInt.of(Integer.parseInt(device.get().substring(CUDA.length())));
  }

  private static OrtSession open(OnnxEnvironment environment, Path file, OptionalInt gpu) throws ModelLoadException {
    try {
      return gpu.isPresent() ? environment.openOnGpu(file, gpu.getAsInt()) : environment.open(file);
    } catch (OrtException refused) {
      throw new ModelLoadException(reason(refused, file), refused);
    }
  }

  private static String reason(OrtException refused, Path file) {
    return switch (refused.getCode()) {
      case ORT_INVALID_PROTOBUF, ORT_NO_MODEL -> "the file is no ONNX model, or it is damaged";
      default -> "ONNX Runtime refuses the model: " + firstLine(refused).replace(file.toString(), "the file");
    };
  }

  /** ONNX Runtime's own words, without its error code and the calls they came through. */
  private static String firstLine(OrtException refused) {
    String first = String.valueOf(refused.getMessage()).lines().findFirst().orElse("no reason given");
    for (String prefix : List.of("message: ", " failed:", "Exception during loading: ", "MLDataType for: ")) {
      int at = first.indexOf(prefix);
      first = at < 0 ? first : first.substring(at + prefix.length());
    }
    return first.strip();
  }

  private static BatchStacking stacking(OrtSession session) throws OrtException {
    List<BatchedInput> inputs = new ArrayList<>();
    for (NodeInfo node : session.getInputInfo().values()) {
      if (!(node.getInfo() instanceof TensorInfo tensor)) {
        throw new IllegalArgumentException("input '%s' is not a tensor".formatted(node.getName()));
      }
      Datatype datatype =
          ElementTypes.datatype(tensor.onnxType)
              .orElseThrow(
                  () ->
                      new IllegalArgumentException(
                          "input '%s' has elements of %s".formatted(node.getName(), GraphOutput.typeName(tensor))));
      inputs.add(BatchedInput.of(node.getName(), datatype, tensor.getShape()));
    }
    if (inputs.isEmpty()) {
      throw new IllegalArgumentException("it has no input");
    }
    return new BatchStacking(inputs);
  }

  private static OutputReading reading(OrtSession session, Path file) throws OrtException {
    List<GraphOutput> outputs = session.getOutputInfo().values().stream().map(GraphOutput::of).toList();
    Optional<Classification> classification = Classification.of(outputs, label -> classNames(file, label));
    for (GraphOutput output : outputs) {
      if (output instanceof GraphOutput.OfMaps && !classification.map(Classification::probabilities).equals(Optional.of(output.name()))) {
        throw new IllegalArgumentException("output '%s' is a sequence of maps, and no label is beside it".formatted(output.name()));
      }
    }
    return new OutputReading(outputs, classification);
  }

  private static List<String> classNames(Path file, String labelOutput) {
    try {
      return ClassLabels.find(file, labelOutput);
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
  }

  private static void close(OrtSession session) {
    try {
      session.close();
    } catch (OrtException refused) {
      throw new IllegalStateException("ONNX Runtime does not free the session", refused);
    }
  }
}
