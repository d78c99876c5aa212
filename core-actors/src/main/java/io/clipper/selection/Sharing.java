package io.clipper.selection;

import java.util.function.BinaryOperator;

/** How an application's partitions share what a policy learned. */
public sealed interface Sharing<S extends PolicyState> {
  /**
   * What each learned from its own observations adds up, in any order; the sum is what one that had seen them all would know.
   *
   * @param sum of two contributions that share no observation
   */
  record Folded<S extends PolicyState>(BinaryOperator<S> sum) implements Sharing<S> {}

  /** The order matters, so each takes in what the others lost since it last heard of them, as one step. */
  record Exchanged<S extends PolicyState>(Hearing<S> hearing) implements Sharing<S> {}

  /** There is nothing to share. */
  record Apart<S extends PolicyState>() implements Sharing<S> {}

  /** Takes another partition's losses into a state. */
  interface Hearing<S extends PolicyState> {
    /** @param lost since the last time, all of it admitted */
    S after(S state, LossSums lost);
  }
}
