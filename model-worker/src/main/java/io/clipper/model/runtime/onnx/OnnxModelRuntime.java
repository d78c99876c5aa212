package io.clipper.model.runtime.onnx;

import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.clipper.model.Input;
import io.clipper.model.Output;
import io.clipper.model.Signature;
import io.clipper.model.runtime.ModelRuntime;
import io.clipper.model.runtime.batch.BatchStacking;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * A loaded graph. Batches run on the environment's threads; what the session holds is freed by {@link #close}, or by the last batch that
 * was accepted before it.
 */
final class OnnxModelRuntime implements ModelRuntime {
  private final OnnxEnvironment environment;
  private final OrtSession session;
  private final BatchStacking stacking;
  private final OutputReading reading;
  private final Signature signature;
  private Optional<InputBuffers> spare = Optional.empty();
  private int accepted;
  private boolean closed;

  OnnxModelRuntime(OnnxEnvironment environment, OrtSession session, BatchStacking stacking, OutputReading reading) {
    this.environment = environment;
    this.session = session;
    this.stacking = stacking;
    this.reading = reading;
    this.signature = stacking.signature();
  }

  @Override
  public Signature signature() {
    return signature;
  }

  @Override
  public CompletionStage<List<Output>> predict(List<Input> batch) {
    if (!accept()) {
      return CompletableFuture.failedFuture(new IllegalStateException("the model is closed"));
    }
    CompletableFuture<List<Output>> answer = new CompletableFuture<>();
    environment.threads().execute(() -> answer(batch, answer));
    return answer;
  }

  @Override
  public synchronized void close() {
    if (!closed) {
      closed = true;
      freeIfUnused();
    }
  }

  /** The session is let go before the answer is known, so that whoever closes on the answer frees it there and then. */
  private void answer(List<Input> batch, CompletableFuture<List<Output>> answer) {
    List<Output> outputs;
    try {
      outputs = run(batch);
    } catch (Throwable refused) {
      returned();
      answer.completeExceptionally(refused);
      return;
    }
    returned();
    answer.complete(outputs);
  }

  private List<Output> run(List<Input> batch) throws OrtException {
    Output[] outputs = new Output[batch.size()];
    InputBuffers buffers = takeBuffers();
    try {
      for (BatchStacking.Run run : stacking.runs(batch)) {
        run(run, buffers, outputs);
      }
    } finally {
      giveBack(buffers);
    }
    return Arrays.asList(outputs);
  }

  private void run(BatchStacking.Run run, InputBuffers buffers, Output[] outputs) throws OrtException {
    int rows = run.rows().size();
    try (InputBuffers.Stacked stacked = buffers.stack(run);
        OrtSession.Result result = session.run(stacked.tensors())) {
      List<Output> read = reading.read(result, rows);
      for (int i = 0; i < rows; i++) {
        outputs[run.rows().get(i)] = read.get(i);
      }
    }
  }

  /** One set is kept: a replica sends one batch at a time. */
  private synchronized InputBuffers takeBuffers() {
    InputBuffers taken = spare.orElseGet(() -> new InputBuffers(environment, stacking.inputs()));
    spare = Optional.empty();
    return taken;
  }

  private synchronized void giveBack(InputBuffers buffers) {
    spare = Optional.of(buffers);
  }

  private synchronized boolean accept() {
    if (closed) {
      return false;
    }
    accepted++;
    return true;
  }

  private synchronized void returned() {
    accepted--;
    if (closed) {
      freeIfUnused();
    }
  }

  private void freeIfUnused() {
    if (accepted > 0) {
      return;
    }
    spare = Optional.empty();
    try {
      session.close();
    } catch (OrtException refused) {
      throw new IllegalStateException("ONNX Runtime does not free the session", refused);
    }
  }
}
