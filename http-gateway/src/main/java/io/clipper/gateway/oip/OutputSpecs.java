package io.clipper.gateway.oip;

import io.clipper.gateway.Clipper;
import io.clipper.model.Datatype;
import io.clipper.model.Input;
import io.clipper.model.ModelId;
import io.clipper.model.NamedTensor;
import io.clipper.model.Output;
import io.clipper.model.Signature;
import io.clipper.model.Tensor;
import io.clipper.model.TensorSpec;
import io.clipper.replica.ReplicaRouterActor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What models answer with, learned from their answers: a signature says only what they take. A version that has not answered yet is asked
 * once with zeros, past every application. An extent that differed between answers is any (−1).
 */
final class OutputSpecs {
  /** What asks for metadata waits no longer. */
  private static final Duration PROBE = Duration.ofSeconds(1);
  /** An input of zeros beyond it is not worth its memory. */
  private static final long LARGEST_PROBE = 1 << 22;

  private final Clipper clipper;
  private final Map<ModelId, List<TensorSpec>> seen = new ConcurrentHashMap<>();

  OutputSpecs(Clipper clipper) {
    this.clipper = clipper;
  }

  /** Without the dimension of the batch; none where nothing is known yet. */
  Optional<List<TensorSpec>> known(ModelId model) {
    return Optional.ofNullable(seen.get(model));
  }

  void saw(ModelId model, Output output) {
    List<TensorSpec> known = seen.get(model);
    if (known == null || !fits(known, output)) {
      seen.merge(model, specs(output), OutputSpecs::both);
    }
  }

  /** Asks where nothing is known; none where the model does not answer zeros. */
  CompletionStage<Optional<List<TensorSpec>>> learn(ModelId model, Signature signature) {
    Optional<List<TensorSpec>> known = known(model);
    Optional<Input> zeros = known.isPresent() ? Optional.empty() : zeros(signature);
    if (zeros.isEmpty()) {
      return CompletableFuture.completedStage(known);
    }
    return clipper
        .ask(model, zeros.get(), PROBE)
        .thenApply(
            reply -> {
              if (reply instanceof ReplicaRouterActor.Answered answered) {
                saw(model, answered.output());
              }
              return known(model);
            });
  }

  static List<TensorSpec> specs(Output output) {
    return output.tensors().stream().map(OutputSpecs::spec).toList();
  }

  private static TensorSpec spec(NamedTensor named) {
    List<Long> shape = new ArrayList<>();
    for (long extent : named.tensor().shape()) {
      shape.add(extent);
    }
    return new TensorSpec(named.name(), named.tensor().datatype(), shape);
  }

  private static boolean fits(List<TensorSpec> known, Output output) {
    if (known.size() != output.tensors().size()) {
      return false;
    }
    for (int i = 0; i < known.size(); i++) {
      TensorSpec spec = known.get(i);
      Tensor tensor = output.tensors().get(i).tensor();
      long[] shape = tensor.shape();
      boolean alike = spec.datatype() == tensor.datatype() && spec.shape().size() == shape.length && spec.name().equals(output.tensors().get(i).name());
      for (int d = 0; alike && d < shape.length; d++) {
        alike = spec.shape().get(d) == -1 || spec.shape().get(d) == shape[d];
      }
      if (!alike) {
        return false;
      }
    }
    return true;
  }

  private static List<TensorSpec> both(List<TensorSpec> before, List<TensorSpec> now) {
    if (before.size() != now.size()) {
      return now;
    }
    List<TensorSpec> both = new ArrayList<>();
    for (int i = 0; i < now.size(); i++) {
      List<Long> old = before.get(i).shape();
      List<Long> shape = new ArrayList<>(now.get(i).shape());
      for (int d = 0; d < shape.size() && old.size() == shape.size(); d++) {
        shape.set(d, old.get(d).equals(shape.get(d)) ? shape.get(d) : -1);
      }
      both.add(new TensorSpec(now.get(i).name(), now.get(i).datatype(), shape));
    }
    return both;
  }

  private static Optional<Input> zeros(Signature signature) {
    List<NamedTensor> tensors = new ArrayList<>();
    for (TensorSpec spec : signature.tensors()) {
      long[] shape = spec.shape().stream().mapToLong(extent -> extent == -1 ? 1 : extent).toArray();
      long bytes = spec.datatype() == Datatype.BYTES ? Integer.BYTES : spec.datatype().elementBytes();
      for (long extent : shape) {
        bytes = Math.min(LARGEST_PROBE, bytes) * Math.min(LARGEST_PROBE, extent);
      }
      if (bytes > LARGEST_PROBE) {
        return Optional.empty();
      }
      // Zeros are lengths of BYTES, too: so many empty strings.
      tensors.add(new NamedTensor(spec.name(), Tensor.wrap(spec.datatype(), shape, new byte[(int) bytes])));
    }
    return Optional.of(new Input(tensors));
  }
}
