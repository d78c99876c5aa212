package io.clipper.selection;

/** What a selection's probabilities are worth to whoever estimates from a log what another policy would have earned. */
public enum Propensity {
  /** Those that lots were drawn with. */
  EXACT,
  /** The rule draws, but its probabilities have no formula: they are counted in a sample, from the state that chose. */
  ESTIMATED,
  /** The rule draws no lots: what it did not play it could not have played, and its log cannot tell what that would have earned. */
  DETERMINISTIC
}
