package io.clipper.gateway.clipper;

import com.fasterxml.jackson.core.JsonGenerator;
import io.clipper.Refused;
import io.clipper.gateway.JsonFault;
import io.clipper.gateway.Replies;
import io.clipper.gateway.Statuses;
import io.clipper.gateway.Unexpected;
import io.clipper.gateway.metrics.Outcome;
import java.io.IOException;
import java.util.concurrent.CancellationException;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.http.javadsl.model.StatusCode;
import org.apache.pekko.http.javadsl.model.StatusCodes;

/** Why there is no answer, as the original's error object and with a status for the case that it is the only one. */
record Failure(StatusCode status, Outcome outcome, String error, String cause) {
  private static final String JSON = "Json error";
  private static final String QUERY = "Query processing error";

  static Failure of(JsonFault fault, String schema) {
    return new Failure(StatusCodes.BAD_REQUEST, Outcome.INVALID, JSON, fault.withSchema(schema));
  }

  static Failure noSuchApplication(String name) {
    return new Failure(StatusCodes.NOT_FOUND, Outcome.INVALID, QUERY, "No application with name '%s' exists.".formatted(name));
  }

  static Failure overload(String reason) {
    return new Failure(StatusCodes.SERVICE_UNAVAILABLE, Outcome.REJECTED, QUERY, reason);
  }

  static Failure of(Throwable cause, String request) {
    if (cause instanceof Refused refused) {
      Outcome outcome = refused.reason() == Refused.Reason.UNAVAILABLE ? Outcome.REJECTED : Outcome.INVALID;
      return new Failure(Statuses.ORIGINAL.of(refused.reason()), outcome, QUERY, Unexpected.words(refused));
    }
    if (cause instanceof CancellationException) {
      return new Failure(StatusCodes.SERVICE_UNAVAILABLE, Outcome.CANCELLED, QUERY, "the client left");
    }
    return new Failure(StatusCodes.INTERNAL_SERVER_ERROR, Outcome.ERROR, QUERY, Unexpected.logged(request, cause).message());
  }

  HttpResponse response() {
    return Replies.error(status, error, cause);
  }

  /** As one entry of a batch. */
  void write(JsonGenerator json) throws IOException {
    json.writeStartObject();
    json.writeStringField("error", error);
    json.writeStringField("cause", cause);
    json.writeEndObject();
  }
}
