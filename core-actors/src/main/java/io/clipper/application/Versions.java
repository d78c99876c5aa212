package io.clipper.application;

import io.clipper.catalog.Model;
import java.util.Optional;

/** The names of versions that nobody named. */
final class Versions {
  private Versions() {}

  /** One above the highest that is a number. */
  static String next(Optional<Model> model) {
    long highest =
        model.stream()
            .flatMap(known -> known.versions().keySet().stream())
            .filter(version -> version.matches("\\d{1,18}"))
            .mapToLong(Long::parseLong)
            .max()
            .orElse(0);
    return Long.toString(highest + 1);
  }
}
