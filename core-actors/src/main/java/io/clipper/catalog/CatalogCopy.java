package io.clipper.catalog;

/** Where one node's copy of the catalog lies: one actor writes it, any thread reads it. */
final class CatalogCopy {
  private volatile Catalog catalog;

  CatalogCopy(Catalog first) {
    catalog = first;
  }

  Catalog get() {
    return catalog;
  }

  void set(Catalog newer) {
    catalog = newer;
  }
}
