/**
 * What policies would have made of what was recorded, by the classes that serve: no node, no time.
 *
 * <pre>
 *   Recording (what each model said, the label) ──▶ Replay ──▶ Course (loss, regret and weights) ──▶ Picture
 * </pre>
 */
@NullMarked
package io.clipper.node.replay;

import org.jspecify.annotations.NullMarked;
