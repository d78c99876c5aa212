/**
 * Turning several models' answers into one, with an agreement and a confidence: pure rules.
 *
 * <pre>
 *   Ballot (votes that arrived, how many were asked) ──▶ Combiner ──▶ Combined (output, agreement, confidence, winners)
 * </pre>
 *
 * {@link io.clipper.combine.Combiners} has the combiners by name; {@link io.clipper.combine.Confidence} says what a confidence can mean.
 */
@NullMarked
package io.clipper.combine;

import org.jspecify.annotations.NullMarked;
