package io.clipper.gateway;

import java.nio.charset.StandardCharsets;
import org.apache.pekko.http.javadsl.model.ContentType;
import org.apache.pekko.http.javadsl.model.ContentTypes;
import org.apache.pekko.http.javadsl.model.HttpEntities;
import org.apache.pekko.http.javadsl.model.HttpMethod;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.http.javadsl.model.StatusCode;
import org.apache.pekko.http.javadsl.model.StatusCodes;
import org.apache.pekko.http.javadsl.model.headers.Allow;
import org.apache.pekko.http.javadsl.model.headers.RetryAfter;
import org.apache.pekko.util.ByteString;

/** The shapes that answers have. */
public final class Replies {
  /** A second: about what a queue takes to empty after a burst. */
  private static final RetryAfter SOON = RetryAfter.create(1L);

  private Replies() {}

  public static HttpResponse json(ByteString body) {
    return HttpResponse.create().withEntity(HttpEntities.create(ContentTypes.APPLICATION_JSON, body));
  }

  public static HttpResponse json(StatusCode status, ByteString body) {
    return soonIfUnavailable(json(body).withStatus(status));
  }

  public static HttpResponse json(Json.Writing body) {
    return json(Json.write(body));
  }

  public static HttpResponse text(StatusCode status, String body) {
    return soonIfUnavailable(typed(ContentTypes.TEXT_PLAIN_UTF8, body).withStatus(status));
  }

  public static HttpResponse text(String body) {
    return typed(ContentTypes.TEXT_PLAIN_UTF8, body);
  }

  public static HttpResponse typed(ContentType.NonBinary type, String body) {
    return HttpResponse.create().withEntity(HttpEntities.create(type, ByteString.fromString(body, StandardCharsets.UTF_8)));
  }

  /** The original's error object. */
  public static HttpResponse error(StatusCode status, String error, String cause) {
    return json(
        status,
        Json.write(
            json -> {
              json.writeStartObject();
              json.writeStringField("error", error);
              json.writeStringField("cause", encodable(cause));
              json.writeEndObject();
            }));
  }

  public static HttpResponse noSuchPath(String path) {
    return error(StatusCodes.NOT_FOUND, "Not found", "nothing is at " + path);
  }

  public static HttpResponse wrongMethod(String path, HttpMethod... allowed) {
    return error(StatusCodes.METHOD_NOT_ALLOWED, "Method not allowed", "%s takes %s".formatted(path, allowed[0].name()))
        .addHeader(Allow.create(allowed));
  }

  /** A cause may quote a client's text, and half a surrogate pair has no UTF-8. */
  private static String encodable(String text) {
    return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8);
  }

  private static HttpResponse soonIfUnavailable(HttpResponse response) {
    return response.status().equals(StatusCodes.SERVICE_UNAVAILABLE) ? response.addHeader(SOON) : response;
  }
}
