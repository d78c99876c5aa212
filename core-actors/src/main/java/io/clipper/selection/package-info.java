/**
 * Choosing and weighing models online: pure rules, no actor, no clock, randomness as an argument.
 *
 * <pre>
 *   Learner.select ──▶ Selection (who is asked, who is played, each with its probability)
 *   Observation    ──▶ Learner.observe ──▶ the next Learner
 * </pre>
 *
 * A {@link io.clipper.selection.SelectionPolicy} has no state of its own: state goes in, the next state comes out, and is what the ledger
 * keeps.
 */
@NullMarked
package io.clipper.selection;

import org.jspecify.annotations.NullMarked;
