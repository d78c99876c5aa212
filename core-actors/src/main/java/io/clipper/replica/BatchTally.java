package io.clipper.replica;

/**
 * All batches of one size that came back, right or wrong.
 *
 * @param nanos that they took together
 */
public record BatchTally(int rows, long batches, long nanos) {}
