package io.clipper.gateway.admin;

import io.clipper.Refused;
import io.clipper.gateway.JsonFault;
import io.clipper.gateway.Replies;
import io.clipper.gateway.Statuses;
import io.clipper.gateway.Unexpected;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.http.javadsl.model.StatusCodes;

/**
 * One management request: what its JSON must look like, how its refusals are told, and what it does. The original's verbs tell them as
 * plain text, which its clients print; ours as the error object.
 */
record Verb(String path, String schema, Statuses statuses, Doing doing) {
  /** Throws {@link JsonFault} for fields that are not as they should be, and {@link Refused} for what is wrong in them. */
  interface Doing {
    CompletionStage<HttpResponse> with(AdminBody body);
  }

  static Verb original(String name, String schema, Doing doing) {
    return new Verb("/admin/" + name, schema, Statuses.ORIGINAL, doing);
  }

  static Verb ours(String name, String schema, Doing doing) {
    return new Verb("/admin/" + name, schema, Statuses.FITTING, doing);
  }

  CompletionStage<HttpResponse> run(byte[] body) {
    return attempt(() -> doing.with(AdminBody.parse(body)), statuses, path, schema);
  }

  /** Something that may refuse, at once or later. */
  interface Attempt {
    CompletionStage<HttpResponse> start();
  }

  static CompletionStage<HttpResponse> attempt(Attempt attempt, Statuses statuses, String path, String schema) {
    CompletionStage<HttpResponse> response;
    try {
      response = attempt.start();
    } catch (RuntimeException failure) {
      response = CompletableFuture.failedStage(failure);
    }
    return response.exceptionally(failure -> told(Unexpected.cause(failure), statuses, path, schema));
  }

  private static HttpResponse told(Throwable failure, Statuses statuses, String path, String schema) {
    boolean plain = statuses == Statuses.ORIGINAL;
    if (failure instanceof JsonFault fault) {
      String message = fault.withSchema(schema);
      return plain ? Replies.text(StatusCodes.BAD_REQUEST, message) : Replies.error(StatusCodes.BAD_REQUEST, "Json error", message);
    }
    if (failure instanceof Refused refused) {
      String message = Unexpected.words(refused);
      return plain
          ? Replies.text(statuses.of(refused.reason()), message)
          : Replies.error(statuses.of(refused.reason()), title(refused.reason()), message);
    }
    String message = Unexpected.logged(path, failure).message();
    return plain
        ? Replies.text(StatusCodes.INTERNAL_SERVER_ERROR, message)
        : Replies.error(StatusCodes.INTERNAL_SERVER_ERROR, "Internal error", message);
  }

  private static String title(Refused.Reason reason) {
    return switch (reason) {
      case INVALID -> "Bad request";
      case NOT_FOUND -> "Not found";
      case EXISTS, CONFLICT -> "Conflict";
      case UNAVAILABLE -> "Unavailable";
      case TOO_LARGE -> "Payload too large";
    };
  }
}
