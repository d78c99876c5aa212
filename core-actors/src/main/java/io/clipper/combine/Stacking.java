package io.clipper.combine;

/** The two kinds of stacking, by what is stacked. */
final class Stacking {
  static final String NAME = "stacking";

  /** Which of two ways is ahead is decided on about the last thousand labels. */
  static final double MEMORY = 0.999;

  private Stacking() {}

  static LearningCombiner<?> of(CombinerSettings settings) {
    return settings.numbers() ? new StackedNumbers(settings.option("forgetting", 0.999)) : new StackedClasses(settings.option("rate", 0.1));
  }
}
