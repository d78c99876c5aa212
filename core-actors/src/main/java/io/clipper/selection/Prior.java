package io.clipper.selection;

/** What is believed of a candidate before it was seen: a mean loss, 0..1, worth so many observations. */
public record Prior(double meanLoss, double observations) {}
