package io.clipper.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.clipper.model.Input;
import io.clipper.model.InputType;
import io.clipper.model.Output;
import io.clipper.model.Signature;
import io.clipper.model.runtime.ModelLoadException;
import io.clipper.model.runtime.ModelRuntime;
import io.clipper.model.runtime.RuntimeProvider;
import io.clipper.model.runtime.RuntimeSpec;
import io.clipper.model.runtime.ThreadBudget;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** Models of kind {@code held}, which answer their input's first number; once held, a batch or a load ends when the test says so. */
public final class HeldModel implements RuntimeProvider {
  /** What the model was given. */
  record Batch(List<Input> inputs, CompletableFuture<List<Output>> outputs) {
    List<Double> numbers() {
      return inputs.stream().map(input -> input.first().doubleAt(0)).toList();
    }

    void end() {
      outputs.complete(numbers().stream().map(Output::of).toList());
    }
  }

  static final String KIND = "held";

  private static final BlockingQueue<Batch> BATCHES = new LinkedBlockingQueue<>();
  /** All that it was given while held: a test that fails leaves none to the next one. */
  private static final Queue<Batch> GIVEN = new ConcurrentLinkedQueue<>();
  private static final BlockingQueue<RuntimeSpec> LOADS = new LinkedBlockingQueue<>();
  private static volatile boolean held;
  private static volatile CountDownLatch loading = new CountDownLatch(0);

  /** From now on; a version is warmed up before. */
  static void hold() {
    held = true;
  }

  static void release() {
    held = false;
    GIVEN.forEach(Batch::end);
    GIVEN.clear();
    BATCHES.clear();
  }

  /** Loads that begin from now on end when the test says so. */
  static void holdLoads() {
    LOADS.clear();
    loading = new CountDownLatch(1);
  }

  static void releaseLoads() {
    loading.countDown();
  }

  /** Waits until one that is held has begun. */
  static void expectLoad() throws InterruptedException {
    assertThat(LOADS.poll(60, TimeUnit.SECONDS)).isNotNull();
  }

  static Batch expectAny() throws InterruptedException {
    Batch batch = BATCHES.poll(60, TimeUnit.SECONDS);
    assertThat(batch).isNotNull();
    return batch;
  }

  /** Whether there is a batch that no test has expected yet. */
  static boolean wasGivenMore() {
    return !BATCHES.isEmpty();
  }

  /** Fails unless the next batch has these rows and no others. */
  static Batch expect(Double... rows) throws InterruptedException {
    Batch batch = expectAny();
    assertThat(batch.numbers()).containsExactly(rows);
    return batch;
  }

  @Override
  public String kind() {
    return KIND;
  }

  @Override
  public ModelRuntime load(RuntimeSpec spec, Optional<Path> artifact, ThreadBudget threads) throws ModelLoadException {
    CountDownLatch end = loading;
    LOADS.add(spec);
    try {
      end.await();
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
      throw new ModelLoadException("the node stops", stopped);
    }
    return new ModelRuntime() {
      @Override
      public Signature signature() {
        return InputType.DOUBLES.signature();
      }

      @Override
      public CompletionStage<List<Output>> predict(List<Input> inputs) {
        Batch batch = new Batch(inputs, new CompletableFuture<>());
        if (held) {
          GIVEN.add(batch);
          BATCHES.add(batch);
        } else {
          batch.end();
        }
        return batch.outputs();
      }

      @Override
      public void close() {
        // It holds nothing.
      }
    };
  }
}
