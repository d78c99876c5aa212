/**
 * Turning several models' answers into one, with an agreement and a confidence: pure rules.
 *
 * <pre>
 *   Ballot (votes that arrived, who is missing) ──▶ Combiner ──▶ Combined (output, agreement, confidence, winners)
 *   Labelled (what they had said, the label)    ──▶ LearnedCombiner.observe ──▶ the next LearnedCombiner
 * </pre>
 *
 * {@link io.clipper.combine.Combiners} has the combiners by name; {@link io.clipper.combine.Confidence} says what a confidence can mean. A
 * {@link io.clipper.combine.LearnedCombiner} is a combiner with what labels have taught it; most learn nothing.
 */
@NullMarked
package io.clipper.combine;

import org.jspecify.annotations.NullMarked;
