package io.clipper.replica;

import io.clipper.model.Input;
import io.clipper.model.NamedTensor;
import io.clipper.model.Output;
import io.clipper.model.Signature;
import io.clipper.model.TensorSpec;
import io.clipper.model.runtime.CopyLostException;
import io.clipper.model.runtime.ModelLoadException;
import io.clipper.model.runtime.ModelRuntime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletionStage;

/**
 * A model that needs tensors which its version's signature lets an input lack, such as a graph of ONNX, which takes all of its inputs or
 * does not run: zeros stand for what is missing, and empty strings for texts.
 *
 * @param zeros what stands for each such tensor
 */
record ZeroFilled(ModelRuntime model, Signature signature, List<NamedTensor> zeros) implements ModelRuntime {
  ZeroFilled {
    zeros = List.copyOf(zeros);
  }

  /**
   * The model itself where it needs nothing that may be missing; a model's only tensor never is.
   *
   * @param declared what its version takes
   * @throws ModelLoadException where zeros would have no shape; the model stays open
   */
  static ModelRuntime over(ModelRuntime model, Signature declared) throws ModelLoadException {
    List<TensorSpec> taken = new ArrayList<>();
    List<NamedTensor> zeros = new ArrayList<>();
    boolean lone = model.signature().tensors().size() == 1;
    for (TensorSpec own : model.signature().tensors()) {
      Optional<TensorSpec> missing =
          declared.tensors().stream().filter(spec -> !lone && spec.optional() && !own.optional() && spec.name().equals(own.name())).findFirst();
      if (missing.isPresent()) {
        zeros.add(new NamedTensor(own.name(), ReplicaLoader.zeros(closed(own, missing.get()))));
      }
      taken.add(missing.isPresent() ? own.asOptional() : own);
    }
    return zeros.isEmpty() ? model : new ZeroFilled(model, new Signature(taken), zeros);
  }

  /** The model's tensor, of the declared extent wherever the model takes any. */
  private static TensorSpec closed(TensorSpec own, TensorSpec declared) throws ModelLoadException {
    List<Long> shape = new ArrayList<>(own.shape());
    for (int i = 0; i < shape.size() && declared.shape().size() == shape.size(); i++) {
      shape.set(i, shape.get(i) == -1 ? declared.shape().get(i) : shape.get(i));
    }
    if (shape.contains(-1L)) {
      throw new ModelLoadException(
          "the model needs input '%s': it can be optional where zeros can stand for it, and they cannot while its shape %s is open"
              .formatted(own.name(), shape));
    }
    return new TensorSpec(own.name(), own.datatype(), shape);
  }

  @Override
  public CompletionStage<List<Output>> predict(List<Input> batch) {
    return model.predict(filled(batch));
  }

  @Override
  public CompletionStage<List<Output>> predict(List<Input> batch, Duration budget) {
    return model.predict(filled(batch), budget);
  }

  @Override
  public OptionalInt maxBatchRows() {
    return model.maxBatchRows();
  }

  @Override
  public CompletionStage<CopyLostException> lost() {
    return model.lost();
  }

  @Override
  public Optional<String> remark() {
    return model.remark();
  }

  @Override
  public void close() {
    model.close();
  }

  private List<Input> filled(List<Input> batch) {
    return batch.stream().map(this::filled).toList();
  }

  private Input filled(Input input) {
    List<NamedTensor> missing = zeros.stream().filter(zero -> input.named(zero.name()).isEmpty()).toList();
    if (missing.isEmpty()) {
      return input;
    }
    List<NamedTensor> tensors = new ArrayList<>(input.tensors());
    tensors.addAll(missing);
    return new Input(tensors);
  }
}
