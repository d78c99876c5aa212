/**
 * What policies would have made of what was recorded, by the classes that serve: no node, no time.
 *
 * <pre>
 *   Recording (what each model said, the label) ──▶ Replay    ──▶ Course (loss, regret and weights) ──▶ Curves, Picture
 *   PlayedLog (what one model lost, and with what probability it was played) ──▶ OffPolicy ──▶ Estimated
 * </pre>
 */
@NullMarked
package io.clipper.node.replay;

import org.jspecify.annotations.NullMarked;
