package io.clipper.replica;

import io.clipper.catalog.ModelVersion;
import io.clipper.model.ModelId;
import io.clipper.model.runtime.RuntimeSpec;
import io.clipper.replica.WantedReplicas.Wanted;
import java.time.Duration;
import java.util.Optional;

/**
 * A worker that nobody here started says that it serves a version. It says so again and again: one that does not is forgotten.
 *
 * @param url {@code grpc://HOST:PORT} of its server of the Open Inference Protocol
 * @param objective what a batch should take at most
 */
public record Announcement(ModelVersion version, String url, Duration objective) {
  /** Three times a worker's own interval: two announcements may get lost. */
  static final Duration LEASE = Duration.ofSeconds(15);

  /** What tells one worker from another. */
  record Worker(ModelId model, String url) {}

  Worker worker() {
    return new Worker(version.id(), url);
  }

  /** The version as that worker runs it. */
  Wanted wanted() {
    ModelVersion there =
        new ModelVersion(
            version.id(),
            version.signature(),
            new RuntimeSpec.Endpoint(url, version.id().name(), version.id().version(), Optional.of(version.signature().describe()), false),
            Optional.empty(),
            version.labels(),
            version.containerName(),
            version.modelDataPath(),
            version.batchSize(),
            version.cached());
    return new Wanted(there, 1, objective);
  }
}
