package io.clipper.gateway;

import org.apache.pekko.event.LoggingAdapter;
import org.apache.pekko.http.ParsingErrorHandler;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.http.scaladsl.model.ErrorInfo;
import org.apache.pekko.http.scaladsl.model.StatusCode;
import org.apache.pekko.http.scaladsl.settings.ServerSettings;

/** Answers what is not even HTTP as every other bad request is answered, and logs nothing: anyone can send it. */
public final class BadHttp extends ParsingErrorHandler {
  /** The name under which Pekko finds a handler that a setting names. */
  public static final BadHttp MODULE$ = new BadHttp();

  private BadHttp() {}

  @Override
  public HttpResponse handle(StatusCode status, ErrorInfo error, LoggingAdapter log, ServerSettings settings) {
    return Replies.error(status, status.reason(), error.summary());
  }
}
