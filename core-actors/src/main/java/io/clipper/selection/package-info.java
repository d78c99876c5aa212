/**
 * Choosing and weighing models online: pure rules, no actor, no clock, randomness as an argument.
 *
 * <pre>
 *   Learner.select ──▶ Selection (who is asked, who is played, each with its probability)
 *   Observation    ──▶ Learner.observe ──▶ the next Learner
 * </pre>
 *
 * A {@link io.clipper.selection.Learner} is the policy in use with its state, the states of those used before, and each model version's
 * own record; priors of newcomers and the cap on the young are its business. {@link io.clipper.selection.Policies} has the policies by
 * name. Those that play ({@code single}, {@code epsilon-greedy}, {@code exp3}) ask one model and give its answer; those that weigh
 * ({@code uniform}, {@code exp4}, {@code fixed-share}) ask several and leave the answer to a combiner. What candidates that come and go
 * mean for exponential weights is argued in {@link io.clipper.selection.RelativeLosses}.
 *
 * <p>A {@link io.clipper.selection.SelectionPolicy} has no state of its own: state goes in, the next state comes out, and is what the
 * ledger keeps.
 */
@NullMarked
package io.clipper.selection;

import org.jspecify.annotations.NullMarked;
