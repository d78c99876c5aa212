package io.clipper.replica;

import static org.assertj.core.api.Assertions.assertThat;

import io.clipper.model.Input;
import io.clipper.model.Output;
import io.clipper.model.Signature;
import io.clipper.model.runtime.CopyLostException;
import io.clipper.model.runtime.ModelRuntime;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A model of one number that answers ten times its input; a batch ends when the test says so. */
final class HeldRuntime implements ModelRuntime {
  record Batch(List<Input> inputs, Duration budget, CompletableFuture<List<Output>> outputs) {}

  private final BlockingQueue<Batch> batches = new LinkedBlockingQueue<>();
  final CompletableFuture<Boolean> closed = new CompletableFuture<>();
  final CompletableFuture<CopyLostException> lost = new CompletableFuture<>();

  @Override
  public Signature signature() {
    return Signature.named("doubles");
  }

  /** As a warm-up does: with no budget, which a replica gives each batch. */
  @Override
  public CompletionStage<List<Output>> predict(List<Input> inputs) {
    return predict(inputs, Duration.ZERO);
  }

  @Override
  public CompletionStage<List<Output>> predict(List<Input> inputs, Duration budget) {
    Batch batch = new Batch(inputs, budget, new CompletableFuture<>());
    batches.add(batch);
    return batch.outputs();
  }

  @Override
  public CompletionStage<CopyLostException> lost() {
    return lost;
  }

  @Override
  public void close() {
    closed.complete(true);
  }

  /** Fails unless the next batch has exactly these inputs, in this order. */
  Batch expect(double... inputs) {
    try {
      Batch batch = batches.poll(30, TimeUnit.SECONDS);
      assertThat(batch).as("a batch of %s", Arrays.toString(inputs)).isNotNull();
      assertThat(batch.inputs().stream().mapToDouble(HeldRuntime::number).toArray()).isEqualTo(inputs);
      return batch;
    } catch (InterruptedException interrupted) {
      throw new IllegalStateException(interrupted);
    }
  }

  void returnBatch(double... inputs) {
    Batch batch = expect(inputs);
    batch.outputs().complete(batch.inputs().stream().map(input -> Output.of(10 * number(input))).toList());
  }

  void failBatch(String message, double... inputs) {
    expect(inputs).outputs().completeExceptionally(new IllegalStateException(message));
  }

  void expectNoBatch() {
    assertThat(batches).isEmpty();
  }

  static double number(Input input) {
    return input.first().doubleAt(0);
  }
}
