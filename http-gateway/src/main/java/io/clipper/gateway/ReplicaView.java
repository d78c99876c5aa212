package io.clipper.gateway;

import io.clipper.model.ModelId;
import java.util.Optional;

/**
 * One running copy of a model version, as an operator sees it.
 *
 * @param number counts the copies of one version from 0
 * @param state one word, such as {@code loading}, {@code ready} or {@code failed}
 * @param queue the queries that wait
 * @param batchLimit the most inputs a batch takes now
 */
public record ReplicaView(
    ModelId model, int number, String node, String state, int restarts, Optional<String> lastError, int queue, int batchLimit, Optional<String> remark) {}
