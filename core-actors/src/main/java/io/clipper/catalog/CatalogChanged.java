package io.clipper.catalog;

/** What those who subscribe to this node's {@link CatalogView} are told: the catalog as it is now. It does not leave the node. */
public record CatalogChanged(Catalog catalog) {}
