/**
 * The original's query port: {@code POST /{app}/predict}, {@code POST /{app}/update} and {@code GET /metrics}.
 *
 * <pre>
 *   bytes ──PredictRequest, InputReader──▶ Query ──▶ Clipper ──▶ Prediction ──PredictionWriter──▶ bytes
 * </pre>
 *
 * A request is read token by token straight into a tensor's bytes; there is no tree in between.
 */
@NullMarked
package io.clipper.gateway.clipper;

import org.jspecify.annotations.NullMarked;
