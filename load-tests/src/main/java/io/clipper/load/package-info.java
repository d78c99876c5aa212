/**
 * Proofs that take longer than a build: load from outside, faults, comparisons. Each scenario prints what it measured and fails when a
 * ratio within its own run is missed; none compares with a clock figure of another machine.
 */
@NullMarked
package io.clipper.load;

import org.jspecify.annotations.NullMarked;
