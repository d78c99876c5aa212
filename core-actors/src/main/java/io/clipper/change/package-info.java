/**
 * Noticing that a model, or all there is, became worse: pure rules.
 *
 * <pre>
 *   Observation (each model's loss on one input) ──▶ Watch.observe ──▶ the next Watch, and what changed
 * </pre>
 *
 * {@link io.clipper.change.Adwin} watches one stream of numbers; {@link io.clipper.change.Watch} keeps one for each model, of its loss less
 * the candidates' median on the same input, and one of that median.
 */
@NullMarked
package io.clipper.change;

import org.jspecify.annotations.NullMarked;
