package io.clipper.selection;

/**
 * What a partition tells the others of its own learning. The later of two tells all that the earlier did.
 *
 * @param revision grows with each observation
 */
public record Told(long revision, PolicyState contribution) {}
