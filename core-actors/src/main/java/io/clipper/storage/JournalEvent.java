package io.clipper.storage;

/** What the journal keeps, an event or a snapshot of what events came to: written by Jackson as CBOR, and read for years. */
public interface JournalEvent {}
