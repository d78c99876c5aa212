/**
 * What is served: applications, models, their versions, and the links between them.
 *
 * <pre>
 *   CatalogChange ──▶ CatalogActor ──decide──▶ CatalogEvent ──journal──▶ Catalog ──publish──▶ CatalogView (one a node)
 * </pre>
 *
 * {@link io.clipper.catalog.Catalog} is an immutable value with a revision; {@code decide} refuses or says what happens, {@code after}
 * remembers it. {@link io.clipper.catalog.CatalogActor} is event-sourced and sharded under one id; every node reads its own copy in
 * {@link io.clipper.catalog.CatalogView} without a lock.
 */
@NullMarked
package io.clipper.catalog;

import org.jspecify.annotations.NullMarked;
