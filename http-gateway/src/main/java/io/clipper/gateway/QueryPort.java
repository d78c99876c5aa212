package io.clipper.gateway;

import io.clipper.gateway.oip.Aliases;
import io.clipper.gateway.openapi.DocumentApi;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.http.javadsl.model.HttpRequest;
import org.apache.pekko.http.javadsl.model.HttpResponse;

/**
 * The query port's paths: those of the Open Inference Protocol and its neighbours, those of the document that tells of all paths, and the
 * original's for everything else.
 */
record QueryPort(Endpoint original, Endpoint oip, Endpoint aliases, Endpoint document) implements Endpoint {
  @Override
  public CompletionStage<HttpResponse> answer(HttpRequest request, Caller caller) {
    String path = request.getUri().path();
    Endpoint endpoint = starts(path, "/v2") ? oip : Aliases.has(path) ? aliases : DocumentApi.has(path) ? document : original;
    return endpoint.answer(request, caller);
  }

  private static boolean starts(String path, String prefix) {
    return path.startsWith(prefix) && (path.length() == prefix.length() || path.charAt(prefix.length()) == '/');
  }
}
