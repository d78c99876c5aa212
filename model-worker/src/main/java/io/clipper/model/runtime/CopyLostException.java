package io.clipper.model.runtime;

/**
 * A copy of a model that is gone: its process died or hangs, its server is not to be reached. It says nothing about the inputs it held,
 * which another copy may answer.
 */
public final class CopyLostException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Without a stack trace: the message says it all, and where it was noticed says nothing. */
  public CopyLostException(String message) {
    super(message, null, false, false);
  }
}
