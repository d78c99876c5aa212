package io.clipper.node.demo;

import java.util.stream.Stream;

/** How many of how many were right. */
public record Tally(int right, int all) {
  static Tally of(Stream<Boolean> outcomes) {
    return outcomes.map(right -> new Tally(right ? 1 : 0, 1)).reduce(new Tally(0, 0), Tally::plus);
  }

  Tally plus(Tally other) {
    return new Tally(right + other.right, all + other.all);
  }

  /** NaN of nothing. */
  public double share() {
    return (double) right / all;
  }
}
