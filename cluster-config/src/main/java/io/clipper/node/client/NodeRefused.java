package io.clipper.node.client;

/** The node answered, and the answer is no; the message is its cause. */
public final class NodeRefused extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int status;

  NodeRefused(int status, String cause) {
    super(cause, null, false, false);
    this.status = status;
  }

  public int status() {
    return status;
  }
}
