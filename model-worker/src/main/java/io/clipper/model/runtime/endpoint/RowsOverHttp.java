package io.clipper.model.runtime.endpoint;

import io.clipper.model.Input;
import io.clipper.model.Output;
import io.clipper.model.Signature;
import io.clipper.model.runtime.CopyLostException;
import io.clipper.model.runtime.ModelLoadException;
import io.clipper.model.runtime.ModelRuntime;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;

/** A model at {@code http://HOST:PORT/v1/models/NAME}, asked by {@code NAME:predict}. */
final class RowsOverHttp implements ModelRuntime {
  private static final int OK = 200;
  private static final Duration UNHURRIED = Duration.ofMinutes(5);

  private final HttpClient client;
  private final URI model;
  private final Signature signature;

  private RowsOverHttp(HttpClient client, URI model, Signature signature) {
    this.client = client;
    this.model = model;
    this.signature = signature;
  }

  /** Blocks until the server has said that it has the model. */
  static RowsOverHttp connect(URI model, Signature signature, Duration timeout) throws ModelLoadException {
    HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(timeout).build();
    try {
      HttpResponse<String> status =
          client.send(HttpRequest.newBuilder(model).timeout(timeout).build(), HttpResponse.BodyHandlers.ofString());
      if (status.statusCode() != OK) {
        throw new ModelLoadException("%s answers %d: %s".formatted(model, status.statusCode(), status.body()));
      }
    } catch (IOException unreachable) {
      client.close();
      throw new ModelLoadException("%s is not to be reached: %s".formatted(model, unreachable), unreachable);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      client.close();
      throw new ModelLoadException("the node stops", interrupted);
    }
    return new RowsOverHttp(client, model, signature);
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
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(model + ":predict"))
            .timeout(budget.isPositive() ? budget : Duration.ofMillis(1))
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(RowJson.request(batch)))
            .build();
    return client
        .sendAsync(request, HttpResponse.BodyHandlers.ofString())
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
  public void close() {
    client.shutdownNow();
  }

  private RuntimeException described(Throwable failure) {
    Throwable cause = failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
    if (cause instanceof ConnectException) {
      return new CopyLostException("%s is not to be reached".formatted(model));
    }
    return new IllegalStateException("%s: %s".formatted(model, cause), cause);
  }
}
