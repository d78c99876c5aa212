package io.clipper.context;

/**
 * Whose contexts: those of one partition of an application.
 *
 * @param incarnation tells the application from others that had its name
 */
public record ContextPartition(String application, long incarnation, int partition) {}
