package io.clipper.model.runtime.endpoint;

import io.clipper.model.Input;
import io.clipper.model.Output;
import io.clipper.model.Signature;
import io.clipper.model.runtime.CopyLostException;
import io.clipper.model.runtime.ModelRuntime;
import io.clipper.model.runtime.RemoteRuntime;
import io.clipper.model.runtime.oip.Health;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

/** A model of somebody's server, lost when the server no longer says that it is ready. */
final class EndpointRuntime implements ModelRuntime {
  private static final Duration INTERVAL = Duration.ofSeconds(2);
  private static final Duration TIMEOUT = Duration.ofSeconds(2);
  private static final int MISSES_ALLOWED = 3;

  private final RemoteRuntime model;
  private final String url;
  private final Duration interval;
  private final Duration timeout;
  private volatile boolean closed;

  private EndpointRuntime(RemoteRuntime model, String url, Duration interval, Duration timeout) {
    this.model = model;
    this.url = url;
    this.interval = interval;
    this.timeout = timeout;
  }

  static EndpointRuntime watch(RemoteRuntime model, String url) {
    return watch(model, url, INTERVAL, TIMEOUT);
  }

  /**
   * @param interval between an answer and the next check
   * @param timeout for the answer to a check
   */
  static EndpointRuntime watch(RemoteRuntime model, String url, Duration interval, Duration timeout) {
    EndpointRuntime runtime = new EndpointRuntime(model, url, interval, timeout);
    runtime.checkLater(Health.unharmed(MISSES_ALLOWED));
    return runtime;
  }

  @Override
  public Signature signature() {
    return model.signature();
  }

  @Override
  public OptionalInt maxBatchRows() {
    return model.maxBatchRows();
  }

  @Override
  public Optional<String> remark() {
    return model.remark();
  }

  @Override
  public CompletionStage<List<Output>> predict(List<Input> batch) {
    return model.predict(batch);
  }

  @Override
  public CompletionStage<List<Output>> predict(List<Input> batch, Duration budget) {
    return model.predict(batch, budget);
  }

  @Override
  public CompletionStage<CopyLostException> lost() {
    return model.lost();
  }

  @Override
  public void close() {
    closed = true;
    model.close();
  }

  private void checkLater(Health health) {
    Executor later = CompletableFuture.delayedExecutor(interval.toMillis(), TimeUnit.MILLISECONDS, Runnable::run);
    later.execute(
        () -> {
          if (!closed) {
            model.isReady(timeout).thenAccept(ready -> onChecked(health.after(ready)));
          }
        });
  }

  private void onChecked(Health health) {
    if (closed) {
      return;
    }
    if (health.isLost()) {
      model.giveUp("%s has not said that it is ready for %d checks".formatted(url, health.missed()));
    } else {
      checkLater(health);
    }
  }
}
