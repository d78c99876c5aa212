package io.clipper.application;

import io.clipper.selection.Observation;
import java.util.Optional;

/**
 * One piece of feedback, joined with the prediction it judges: what the ledger keeps for ever.
 *
 * @param feedbackId the client's own name for it
 */
public record Lesson(long queryId, Optional<String> context, Optional<String> feedbackId, Observation observation) {}
