package io.clipper.context;

/**
 * Says of a row that it is kept.
 *
 * @param number of the last lesson in it
 * @param size in bytes
 */
public record WrittenRow(String context, long number, int size) {}
