package io.clipper.model.runtime;

/** How many threads all in-process models of a node may use together. */
public record ThreadBudget(int threads) {
  public ThreadBudget {
    if (threads < 1) {
      throw new IllegalArgumentException("a budget of %d threads is below 1".formatted(threads));
    }
  }
}
