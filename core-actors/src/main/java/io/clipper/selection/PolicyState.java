package io.clipper.selection;

/** What one policy remembers: an immutable value that the ledger's snapshots write by Jackson. */
public interface PolicyState {}
