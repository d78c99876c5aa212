/**
 * How sure an answer is, kept true by labels: pure rules.
 *
 * <pre>
 *   Basis (what the models say together) ──▶ LearnedCertainty.promise ──▶ Promise ──▶ Certainty (a set or an interval)
 *   Promise, label                       ──▶ LearnedCertainty.observe ──▶ the next LearnedCertainty
 * </pre>
 *
 * A {@link io.clipper.certainty.Promise} is what was issued, kept until its label comes: errors are judged on it and on nothing else.
 * {@link io.clipper.certainty.Conformal} holds the coverage of an application, {@link io.clipper.certainty.QuantileTracker} that of one
 * context in two numbers, {@link io.clipper.certainty.Calibration} makes a confidence mean how often it is right.
 */
@NullMarked
package io.clipper.certainty;

import org.jspecify.annotations.NullMarked;
