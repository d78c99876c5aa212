package io.clipper;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What is asked cannot be done, and why, in words for whoever asked: a value without a stack trace. A bug is any other exception. */
public final class Refused extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** What kind of refusal: the gateway's one table turns it into a status. */
  public enum Reason {
    /** The request is wrong in itself. */
    INVALID,
    /** It names what is not there. */
    NOT_FOUND,
    /** It asks for what is there already. */
    EXISTS,
    /** It is well formed, and what is there stands against it. */
    CONFLICT,
    /** It may work later. */
    UNAVAILABLE,
    /** It has more bytes than go between nodes. */
    TOO_LARGE
  }

  private final Reason reason;

  public Refused(Reason reason, String message) {
    super(message, null, false, false);
    this.reason = reason;
  }

  public Reason reason() {
    return reason;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Refused that && reason == that.reason && Objects.equals(getMessage(), that.getMessage());
  }

  @Override
  public int hashCode() {
    return Objects.hash(reason, getMessage());
  }
}
