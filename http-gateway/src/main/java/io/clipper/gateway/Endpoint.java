package io.clipper.gateway;

import java.util.concurrent.CompletionStage;
import org.apache.pekko.http.javadsl.model.HttpRequest;
import org.apache.pekko.http.javadsl.model.HttpResponse;

/** What answers on one port. It reads or discards each request's body. */
@FunctionalInterface
public interface Endpoint {
  CompletionStage<HttpResponse> answer(HttpRequest request, Caller caller);
}
