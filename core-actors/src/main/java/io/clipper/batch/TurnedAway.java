package io.clipper.batch;

/** The share of rows that were turned away lately, when they came or from the queue; and whether that is overload rather than a burst. */
final class TurnedAway {
  /** Each row weighs so much. */
  private static final double NEWEST = 0.005;
  /** More than bursts cost a model that can take its load. */
  private static final double MANY = 0.12;
  /** When it is over. */
  private static final double FEW = 0.08;

  private double share;
  private boolean overloaded;

  void kept() {
    count(0);
  }

  void turnedAway() {
    count(1);
  }

  boolean isOverloaded() {
    return overloaded;
  }

  private void count(int rows) {
    share += NEWEST * (rows - share);
    overloaded = share > (overloaded ? FEW : MANY);
  }
}
