package io.clipper.selection;

/** What a policy remembers that does not learn. */
public record Nothing() implements PolicyState {}
