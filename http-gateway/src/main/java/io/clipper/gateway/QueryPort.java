package io.clipper.gateway;

import io.clipper.gateway.oip.Aliases;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.http.javadsl.model.HttpRequest;
import org.apache.pekko.http.javadsl.model.HttpResponse;

/** The query port's paths: those of the Open Inference Protocol and its neighbours, and the original's for everything else. */
record QueryPort(Endpoint original, Endpoint oip, Endpoint aliases) implements Endpoint {
  @Override
  public CompletionStage<HttpResponse> answer(HttpRequest request, Caller caller) {
    String path = request.getUri().path();
    Endpoint endpoint = starts(path, "/v2") ? oip : Aliases.has(path) ? aliases : original;
    return endpoint.answer(request, caller);
  }

  private static boolean starts(String path, String prefix) {
    return path.startsWith(prefix) && (path.length() == prefix.length() || path.charAt(prefix.length()) == '/');
  }
}
