package io.clipper.replica;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.clipper.model.Datatype;
import io.clipper.model.Input;
import io.clipper.model.NamedTensor;
import io.clipper.model.Output;
import io.clipper.model.Signature;
import io.clipper.model.Tensor;
import io.clipper.model.TensorSpec;
import io.clipper.model.runtime.ModelLoadException;
import io.clipper.model.runtime.ModelRuntime;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

class ZeroFilledTest {
  private static final TensorSpec X = new TensorSpec("x", Datatype.FP32, List.of(-1L));
  private static final TensorSpec MASK = new TensorSpec("mask", Datatype.INT32, List.of(2L));
  private static final TensorSpec TAG = new TensorSpec("tag", Datatype.BYTES, List.of(1L));
  private static final Signature DECLARED = new Signature(List.of(X, MASK.asOptional(), TAG.asOptional()));
  private static final NamedTensor GIVEN = new NamedTensor("x", Tensor.ofFloats(1, 2));

  /** A model that remembers what it was asked. */
  private record Remembering(Signature signature, List<Input> asked) implements ModelRuntime {
    private Remembering(TensorSpec... tensors) {
      this(new Signature(List.of(tensors)), new ArrayList<>());
    }

    @Override
    public CompletionStage<List<Output>> predict(List<Input> batch) {
      asked.addAll(batch);
      return CompletableFuture.completedStage(batch.stream().map(input -> Output.of(0.0)).toList());
    }

    @Override
    public void close() {
      // It holds nothing.
    }
  }

  @Test
  void zerosStandForWhatIsMissingAndNothingForWhatIsGiven() throws ModelLoadException {
    Remembering graph = new Remembering(X, MASK, TAG);
    NamedTensor mask = new NamedTensor("mask", Tensor.ofInts(1, 1));
    NamedTensor tag = new NamedTensor("tag", Tensor.ofStrings("a"));
    ModelRuntime model = ZeroFilled.over(graph, DECLARED);
    NamedTensor noMask = new NamedTensor("mask", Tensor.ofInts(0, 0));
    NamedTensor noTag = new NamedTensor("tag", Tensor.ofStrings(""));

    model.predict(List.of(new Input(List.of(GIVEN)), new Input(List.of(GIVEN, tag)), new Input(List.of(GIVEN, mask, tag))));

    assertThat(model.signature()).isEqualTo(DECLARED);
    assertThat(graph.asked)
        .containsExactly(
            new Input(List.of(GIVEN, noMask, noTag)), new Input(List.of(GIVEN, tag, noMask)), new Input(List.of(GIVEN, mask, tag)));
  }

  @Test
  void aModelThatNeedsNothingThatMayBeMissingIsAskedAsItIs() throws ModelLoadException {
    Remembering itself = new Remembering(X, MASK.asOptional(), TAG.asOptional());
    Remembering required = new Remembering(X, MASK, TAG);
    Remembering lone = new Remembering(X);

    assertThat(ZeroFilled.over(itself, DECLARED)).isSameAs(itself);
    assertThat(ZeroFilled.over(lone, new Signature(List.of(X.asOptional())))).isSameAs(lone);
    assertThat(ZeroFilled.over(required, required.signature())).isSameAs(required);
  }

  @Test
  void anOpenExtentIsTheDeclaredOneOrTheModelIsRefused() throws ModelLoadException {
    Remembering open = new Remembering(X, new TensorSpec("mask", Datatype.INT32, List.of(-1L)));

    ZeroFilled.over(open, DECLARED).predict(List.of(new Input(List.of(GIVEN))));

    assertThat(open.asked.getFirst().named("mask")).contains(Tensor.ofInts(0, 0));
    Signature openDeclared = new Signature(List.of(X, new TensorSpec("mask", Datatype.INT32, List.of(-1L), true)));
    assertThatThrownBy(() -> ZeroFilled.over(open, openDeclared))
        .isInstanceOf(ModelLoadException.class)
        .hasMessage("the model needs input 'mask': it can be optional where zeros can stand for it, and they cannot while its shape [-1] is open");
  }
}
