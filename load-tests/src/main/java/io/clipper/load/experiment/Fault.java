package io.clipper.load.experiment;

/** What is wrong with a model, from one batch to the next. */
enum Fault {
  NONE,
  /** It answers by its broken twin, in time and as sure of itself. */
  CONFUSED,
  /** It answers right, after the objective. */
  LATE,
  /** It takes a batch and never gives it back. */
  SILENT,
  /** It has an error for what it would answer with one class, and is right elsewhere. */
  FAILS_ON_ONE_CLASS
}
