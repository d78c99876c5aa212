package io.clipper.gateway.openapi;

import io.clipper.gateway.Bodies;
import io.clipper.gateway.Caller;
import io.clipper.gateway.Endpoint;
import io.clipper.gateway.Replies;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.http.javadsl.model.ContentTypes;
import org.apache.pekko.http.javadsl.model.HttpEntities;
import org.apache.pekko.http.javadsl.model.HttpMethods;
import org.apache.pekko.http.javadsl.model.HttpRequest;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.http.javadsl.model.headers.RawHeader;
import org.apache.pekko.util.ByteString;

/** The document under {@code /openapi.json}, and under {@code /docs} a page that shows it and needs nothing from elsewhere. */
public final class DocumentApi implements Endpoint {
  private static final String DOCUMENT = "/openapi.json";
  private static final String PAGE = "/docs";

  private final Bodies bodies;
  private final HttpResponse document;
  private final HttpResponse page;

  public DocumentApi(Bodies bodies, String version, int managementPort) {
    this.bodies = bodies;
    this.document = Replies.json(OpenApiDocument.of(version, managementPort));
    this.page =
        HttpResponse.create()
            .withEntity(HttpEntities.create(ContentTypes.TEXT_HTML_UTF8, ByteString.fromArrayUnsafe(OpenApiDocument.resource("docs.html"))))
            .addHeader(RawHeader.create("Content-Security-Policy", "default-src 'none'; connect-src 'self'; script-src 'unsafe-inline'; style-src 'unsafe-inline'"));
  }

  /** Whether the path is one of these. */
  public static boolean has(String path) {
    return path.equals(DOCUMENT) || path.equals(PAGE);
  }

  @Override
  public CompletionStage<HttpResponse> answer(HttpRequest request, Caller caller) {
    String path = request.getUri().path();
    boolean get = request.method().equals(HttpMethods.GET) || request.method().equals(HttpMethods.HEAD);
    HttpResponse answer = !get ? Replies.wrongMethod(path, HttpMethods.GET) : path.equals(DOCUMENT) ? document : page;
    return bodies.unread(request, answer);
  }
}
