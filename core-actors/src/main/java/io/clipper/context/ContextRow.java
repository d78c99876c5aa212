package io.clipper.context;

/**
 * What one context's lessons came to, as it is kept.
 *
 * @param number of the last lesson in it
 */
public record ContextRow(String context, long number, LearnedContext learned) {}
