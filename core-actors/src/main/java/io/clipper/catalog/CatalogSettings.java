package io.clipper.catalog;

import com.typesafe.config.Config;
import java.time.Duration;

/**
 * The section {@code clipper.catalog}.
 *
 * @param change how long a change may take before it is given up
 * @param refresh how often a node asks whether its copy is the newest: what a lost publication costs at most
 * @param retry how often it asks while the catalog does not answer
 */
record CatalogSettings(Duration change, Duration refresh, Duration retry) {
  static CatalogSettings from(Config config) {
    Config section = config.getConfig("clipper.catalog");
    return new CatalogSettings(
        section.getDuration("change-timeout"), section.getDuration("refresh-interval"), section.getDuration("retry-interval"));
  }
}
