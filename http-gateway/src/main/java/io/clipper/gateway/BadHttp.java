package io.clipper.gateway;

import org.apache.pekko.event.LoggingAdapter;
import org.apache.pekko.http.ParsingErrorHandler;
import org.apache.pekko.http.javadsl.model.HttpMethods;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.http.javadsl.model.StatusCodes;
import org.apache.pekko.http.javadsl.model.headers.Allow;
import org.apache.pekko.http.scaladsl.model.ErrorInfo;
import org.apache.pekko.http.scaladsl.model.StatusCode;
import org.apache.pekko.http.scaladsl.settings.ServerSettings;

/** Answers what is not even HTTP as every other bad request is answered, and logs nothing: anyone can send it. */
public final class BadHttp extends ParsingErrorHandler {
  /** The name under which Pekko finds a handler that a setting names. */
  public static final BadHttp MODULE$ = new BadHttp();

  /** Pekko's words for a verb that it does not know, which it answers with 501. */
  private static final String UNKNOWN_VERB = "Unsupported HTTP method";

  private BadHttp() {}

  /** What is wrong is in both fields: nobody knows which path it was, and clients of the Open Inference Protocol read {@code error} alone. */
  @Override
  public HttpResponse handle(StatusCode status, ErrorInfo error, LoggingAdapter log, ServerSettings settings) {
    return error.summary().equals(UNKNOWN_VERB) && status.equals(StatusCodes.NOT_IMPLEMENTED)
        ? Replies.error(StatusCodes.METHOD_NOT_ALLOWED, "Method Not Allowed: " + error.detail(), UNKNOWN_VERB)
            .addHeader(Allow.create(HttpMethods.GET, HttpMethods.POST))
        : Replies.error(status, "%s: %s".formatted(status.reason(), error.summary()), error.summary());
  }
}
