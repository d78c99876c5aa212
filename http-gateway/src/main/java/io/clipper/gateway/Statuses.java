package io.clipper.gateway;

import io.clipper.Refused;
import org.apache.pekko.http.javadsl.model.StatusCode;
import org.apache.pekko.http.javadsl.model.StatusCodes;

/** The one table from what the core refuses to a status. The original knows only 400, so its own requests keep to it. */
public enum Statuses {
  /** For requests that the original has. */
  ORIGINAL,
  /** For requests that only this server has. */
  FITTING;

  public StatusCode of(Refused.Reason reason) {
    return switch (reason) {
      case INVALID -> StatusCodes.BAD_REQUEST;
      case NOT_FOUND -> this == ORIGINAL ? StatusCodes.BAD_REQUEST : StatusCodes.NOT_FOUND;
      case EXISTS, CONFLICT -> this == ORIGINAL ? StatusCodes.BAD_REQUEST : StatusCodes.CONFLICT;
      case UNAVAILABLE -> StatusCodes.SERVICE_UNAVAILABLE;
      case TOO_LARGE -> StatusCodes.CONTENT_TOO_LARGE;
    };
  }
}
