package io.clipper.gateway.oip;

import io.clipper.Refused;
import io.clipper.gateway.JsonFault;
import io.clipper.gateway.Unexpected;
import io.grpc.Status;
import java.util.concurrent.CancellationException;
import org.apache.pekko.http.javadsl.model.StatusCode;
import org.apache.pekko.http.javadsl.model.StatusCodes;

/** Why a request of the protocol has no answer, in words for whoever sent it. */
public final class Fault extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** The one table from a kind of fault to the statuses of both doors. */
  public enum Kind {
    INVALID(StatusCodes.BAD_REQUEST, Status.Code.INVALID_ARGUMENT),
    NOT_FOUND(StatusCodes.NOT_FOUND, Status.Code.NOT_FOUND),
    CONFLICT(StatusCodes.CONFLICT, Status.Code.FAILED_PRECONDITION),
    FORBIDDEN(StatusCodes.FORBIDDEN, Status.Code.PERMISSION_DENIED),
    /** There is only something to read. */
    TAKES_GET(StatusCodes.METHOD_NOT_ALLOWED, Status.Code.UNIMPLEMENTED),
    TAKES_POST(StatusCodes.METHOD_NOT_ALLOWED, Status.Code.UNIMPLEMENTED),
    TAKES_BOTH(StatusCodes.METHOD_NOT_ALLOWED, Status.Code.UNIMPLEMENTED),
    /** A body of a type that is not read at all. */
    NOT_READ(StatusCodes.UNSUPPORTED_MEDIA_TYPE, Status.Code.INVALID_ARGUMENT),
    TOO_LARGE(StatusCodes.CONTENT_TOO_LARGE, Status.Code.RESOURCE_EXHAUSTED),
    UNSUPPORTED(StatusCodes.NOT_IMPLEMENTED, Status.Code.UNIMPLEMENTED),
    UNAVAILABLE(StatusCodes.SERVICE_UNAVAILABLE, Status.Code.UNAVAILABLE),
    EXPIRED(StatusCodes.SERVICE_UNAVAILABLE, Status.Code.DEADLINE_EXCEEDED),
    /** Nobody hears of it. */
    CANCELLED(StatusCodes.SERVICE_UNAVAILABLE, Status.Code.CANCELLED),
    /** The model's own error, or a bug of ours. */
    FAILED(StatusCodes.INTERNAL_SERVER_ERROR, Status.Code.INTERNAL);

    /** A constant of Pekko's: immutable. */
    @SuppressWarnings("ImmutableEnumChecker")
    private final StatusCode http;

    private final Status.Code grpc;

    Kind(StatusCode http, Status.Code grpc) {
      this.http = http;
      this.grpc = grpc;
    }
  }

  private final Kind kind;

  public Fault(Kind kind, String message) {
    super(message, null, false, false);
    this.kind = kind;
  }

  /** As {@code String.formatted} has it. */
  @SuppressWarnings("AnnotateFormatMethod")
  static Fault invalid(String format, Object... arguments) {
    return new Fault(Kind.INVALID, format.formatted(arguments));
  }

  /** Whatever a stage or a call failed with; what is neither a refusal nor a fault of the client's is logged as a bug. */
  static Fault of(Throwable failure, String request) {
    return switch (Unexpected.cause(failure)) {
      case Fault fault -> fault;
      case JsonFault json -> new Fault(Kind.INVALID, Unexpected.words(json));
      case Refused refused -> new Fault(kind(refused.reason()), Unexpected.words(refused));
      case CancellationException left -> new Fault(Kind.CANCELLED, "the client left");
      case Throwable bug -> new Fault(Kind.FAILED, Unexpected.logged(request, bug).message());
    };
  }

  Kind kind() {
    return kind;
  }

  StatusCode http() {
    return kind.http;
  }

  Status grpc() {
    return Status.fromCode(kind.grpc).withDescription(getMessage());
  }

  private static Kind kind(Refused.Reason reason) {
    return switch (reason) {
      case INVALID -> Kind.INVALID;
      case NOT_FOUND -> Kind.NOT_FOUND;
      case EXISTS, CONFLICT -> Kind.CONFLICT;
      case UNAVAILABLE -> Kind.UNAVAILABLE;
      case TOO_LARGE -> Kind.TOO_LARGE;
    };
  }
}
