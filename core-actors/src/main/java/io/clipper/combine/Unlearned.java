package io.clipper.combine;

/** The state of a combiner that learns nothing. */
record Unlearned() implements CombinerState {}
