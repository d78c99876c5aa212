package io.clipper.catalog;

import io.clipper.bulletin.Value;

/** How new a node's copy of the catalog is. */
public record CatalogRevision(long number) implements Value {}
