package io.clipper.catalog;

import io.clipper.model.Signature;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/**
 * What clients ask: a name, an input type, a latency objective, the answer where there is no other, how it learns, and the names of the
 * models it asks.
 *
 * @param defaultOutput text as the original keeps it: JSON where it parses, else a string
 */
public record Application(
    String name, Signature signature, Duration slo, String defaultOutput, LearningSettings learning, List<String> models) {
  public Application {
    models = List.copyOf(models);
    if (slo.isNegative() || slo.isZero()) {
      throw new IllegalArgumentException("latency_slo_micros %d is not above 0".formatted(slo.toNanos() / 1000));
    }
  }

  public Application withModels(List<String> newModels) {
    return new Application(name, signature, slo, defaultOutput, learning, newModels);
  }

  Application linkedTo(List<String> more) {
    return withModels(Stream.concat(models.stream(), more.stream()).toList());
  }

  Application unlinkedFrom(List<String> fewer) {
    return withModels(models.stream().filter(model -> !fewer.contains(model)).toList());
  }
}
