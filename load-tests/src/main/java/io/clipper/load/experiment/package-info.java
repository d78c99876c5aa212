/**
 * What learning is worth, on data: each experiment asks and teaches a real node in this JVM one example after the other, and leaves its
 * figures and a picture in a page of {@code docs/experiments}.
 *
 * <pre>
 *   examples (digits, dialects, a function) ──▶ ExperimentNode ──▶ series of what came of it ──▶ bars, Page, Plot
 * </pre>
 */
@NullMarked
package io.clipper.load.experiment;

import org.jspecify.annotations.NullMarked;
