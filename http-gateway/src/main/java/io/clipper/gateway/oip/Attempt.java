package io.clipper.gateway.oip;

import io.clipper.gateway.Json;
import io.clipper.gateway.Replies;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.apache.pekko.http.javadsl.model.HttpMethods;
import org.apache.pekko.http.javadsl.model.HttpRequest;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.http.javadsl.model.StatusCode;
import org.apache.pekko.http.javadsl.model.headers.Allow;

/** An answer over HTTP, or the protocol's error object with the status that the fault has. */
final class Attempt {
  private Attempt() {}

  static CompletionStage<HttpResponse> of(Supplier<CompletionStage<HttpResponse>> answer, HttpRequest request) {
    CompletionStage<HttpResponse> stage;
    try {
      stage = answer.get();
    } catch (RuntimeException failed) {
      stage = CompletableFuture.failedStage(failed);
    }
    return stage.exceptionally(failure -> response(Fault.of(failure, "%s %s".formatted(request.method().name(), request.getUri().path()))));
  }

  /** The protocol's error object. */
  static HttpResponse response(StatusCode status, String message) {
    return Replies.json(status, Json.write(Pages.error(message)));
  }

  static HttpResponse response(Fault fault) {
    HttpResponse response = response(fault.http(), String.valueOf(fault.getMessage()));
    return switch (fault.kind()) {
      case TAKES_GET -> response.addHeader(Allow.create(HttpMethods.GET));
      case TAKES_POST -> response.addHeader(Allow.create(HttpMethods.POST));
      case TAKES_BOTH -> response.addHeader(Allow.create(HttpMethods.GET, HttpMethods.POST));
      case INVALID, NOT_FOUND, CONFLICT, FORBIDDEN, NOT_READ, TOO_LARGE, UNSUPPORTED, UNAVAILABLE, EXPIRED, CANCELLED, FAILED -> response;
    };
  }
}
