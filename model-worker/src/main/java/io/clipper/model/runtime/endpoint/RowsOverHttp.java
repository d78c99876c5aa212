package io.clipper.model.runtime.endpoint;

import io.clipper.model.Input;
import io.clipper.model.Output;
import io.clipper.model.Signature;
import io.clipper.model.runtime.CopyLostException;
import io.clipper.model.runtime.ModelLoadException;
import io.clipper.model.runtime.RemoteRuntime;
import io.clipper.model.runtime.oip.Transport;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A model at {@code http://HOST:PORT/v1/models/NAME}, asked by {@code NAME:predict}. */
final class RowsOverHttp implements RemoteRuntime {
  private static final int OK = 200;
  private static final Duration UNHURRIED = Duration.ofMinutes(5);
  /** How much later than the request's own timeout an answer's is, so that the one which knows more comes first. */
  private static final Duration BEHIND = Duration.ofMillis(100);

  private final HttpClient client;
  private final URI model;
  private final Signature signature;
  private final CompletableFuture<CopyLostException> lost = new CompletableFuture<>();

  private RowsOverHttp(HttpClient client, URI model, Signature signature) {
    this.client = client;
    this.model = model;
    this.signature = signature;
  }

  /** Blocks until the server has said that its model is ready. */
  static RowsOverHttp connect(URI model, Signature signature, Duration timeout) throws ModelLoadException {
    RowsOverHttp runtime =
        new RowsOverHttp(HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(timeout).build(), model, signature);
    boolean connected = false;
    try {
      runtime.demandReady(timeout);
      connected = true;
    } catch (ExecutionException unreachable) {
      Throwable cause = unreachable.getCause() == null ? unreachable : unreachable.getCause();
      throw new ModelLoadException("%s is not to be reached: %s".formatted(model, cause), cause);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new ModelLoadException("the node stops", interrupted);
    } finally {
      if (!connected) {
        runtime.close();
      }
    }
    return runtime;
  }

  @Override
  public Signature signature() {
    return signature;
  }

  @Override
  public CompletionStage<List<Output>> predict(List<Input> batch) {
    return predict(batch, UNHURRIED);
  }

  @Override
  public CompletionStage<List<Output>> predict(List<Input> batch, Duration budget) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(model + ":predict"))
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(RowJson.request(batch)));
    return answer(request, budget.isPositive() ? budget : Duration.ofMillis(1))
        .handle(
            (response, failure) -> {
              if (failure != null) {
                throw described(failure);
              }
              if (response.statusCode() != OK) {
                throw new IllegalStateException("%s answers %d: %s".formatted(model, response.statusCode(), response.body()));
              }
              return RowJson.outputs(response.body(), batch.size());
            });
  }

  @Override
  public CompletionStage<Boolean> isReady(Duration timeout) {
    return answer(HttpRequest.newBuilder(model), timeout)
        .handle((status, failure) -> failure == null && status.statusCode() == OK && ModelState.isReady(status.body()));
  }

  @Override
  public CompletionStage<CopyLostException> lost() {
    return lost.copy();
  }

  @Override
  public void giveUp(String reason) {
    lost.complete(new CopyLostException(reason));
    client.shutdownNow();
  }

  @Override
  public void close() {
    client.shutdownNow();
  }

  private void demandReady(Duration timeout) throws ModelLoadException, ExecutionException, InterruptedException {
    HttpResponse<String> status = answer(HttpRequest.newBuilder(model), timeout).get();
    if (status.statusCode() != OK) {
      throw new ModelLoadException("%s answers %d: %s".formatted(model, status.statusCode(), status.body()));
    }
    if (!ModelState.isReady(status.body())) {
      throw new ModelLoadException("%s is not ready: %s".formatted(model, status.body()));
    }
  }

  /** All of it, or a failure. A request's own timeout knows a connection that cannot be made, and is over once the headers are there. */
  private CompletableFuture<HttpResponse<String>> answer(HttpRequest.Builder request, Duration timeout) {
    CompletableFuture<HttpResponse<String>> sent = client.sendAsync(request.timeout(timeout).build(), BoundedText.of(Transport.MAX_MESSAGE_BYTES));
    return sent.copy()
        .orTimeout(timeout.plus(BEHIND).toNanos(), TimeUnit.NANOSECONDS)
        .whenComplete((response, failure) -> sent.cancel(true)); // ends the exchange where it still runs
  }

  /** A connection that cannot be made or breaks is the copy's end; an answer that takes too long is the model's. */
  private RuntimeException described(Throwable failure) {
    if (lost.isDone()) {
      return lost.join();
    }
    Throwable cause = failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
    boolean late = cause instanceof HttpTimeoutException && !(cause instanceof HttpConnectTimeoutException);
    if (cause instanceof TimeoutException) {
      return new IllegalStateException("%s: the rest of the answer timed out".formatted(model), cause);
    }
    if (cause instanceof IOException && !late) {
      return new CopyLostException("the connection to %s is gone: %s".formatted(model, cause));
    }
    return new IllegalStateException("%s: %s".formatted(model, cause), cause);
  }
}
