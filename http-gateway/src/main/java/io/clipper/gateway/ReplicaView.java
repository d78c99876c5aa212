package io.clipper.gateway;

import io.clipper.model.ModelId;
import java.util.Optional;

/**
 * One running copy of a model version, as an operator sees it.
 *
 * @param number counts the copies of one version from 0
 * @param state one word, such as {@code loading}, {@code ready} or {@code failed}
 * @param queue the queries that wait
 * @param lastError why it could not be loaded, or stopped by itself, last
 * @param lastFailure the last of its batches that failed, and how long ago; of a copy on the node that is asked
 * @param batchLimit the most inputs a batch takes now
 */
public record ReplicaView(
    ModelId model,
    int number,
    String node,
    String state,
    int restarts,
    Optional<String> lastError,
    Optional<String> lastFailure,
    int queue,
    int batchLimit,
    Optional<String> remark) {}
