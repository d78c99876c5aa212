package io.clipper.batch;

/** The most rows of the next batch, and what keeps it from being more. */
public record BatchLimit(int rows, Reason reason) {
  public enum Reason {
    /** Whoever deployed the version asked for it. */
    FIXED,
    /** A larger batch would take, or took, longer than the objective. */
    OBJECTIVE,
    /** Larger batches have not been seen yet: it grows with what is seen. */
    UNEXPLORED,
    /** The node's own bound. */
    MAXIMUM
  }

  public BatchLimit {
    if (rows < 1) {
      throw new IllegalArgumentException("a batch limit of %d rows is below 1".formatted(rows));
    }
  }
}
