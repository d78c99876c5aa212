package io.clipper.catalog;

/** Where one node's copy of the catalog lies: one actor writes it, any thread reads it. */
final class CatalogCopy {
  private volatile Catalog catalog;
  private volatile boolean heard;

  /** @param first what it is until there is news */
  CatalogCopy(Catalog first) {
    catalog = first;
  }

  Catalog get() {
    return catalog;
  }

  /** Whether it is what the catalog's actor has told, at some time in this life of the node. */
  boolean isHeard() {
    return heard;
  }

  void set(Catalog newer) {
    catalog = newer;
    heard = true;
  }
}
