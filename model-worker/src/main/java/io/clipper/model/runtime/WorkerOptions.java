package io.clipper.model.runtime;

import java.util.Map;
import java.util.Optional;

/**
 * What a worker process is started with.
 *
 * @param environment variables beside the node's own
 * @param threads for the model's own arithmetic; empty: the node's budget
 * @param memoryBytes resident memory above which the process is ended and started again
 */
public record WorkerOptions(Map<String, String> environment, Optional<Integer> threads, Optional<Long> memoryBytes) {
  public static final WorkerOptions DEFAULT = new WorkerOptions(Map.of(), Optional.empty(), Optional.empty());

  public WorkerOptions {
    environment = Map.copyOf(environment);
    if (threads.filter(count -> count < 1).isPresent()) {
      throw new IllegalArgumentException("a worker of %d threads".formatted(threads.get()));
    }
    if (memoryBytes.filter(bytes -> bytes < 1).isPresent()) {
      throw new IllegalArgumentException("a worker of %d bytes".formatted(memoryBytes.get()));
    }
  }
}
