/**
 * A node as a process of its own.
 *
 * <pre>
 *   Main ──▶ command ──▶ client ──HTTP──▶ a running node
 * </pre>
 */
@NullMarked
package io.clipper.node;

import org.jspecify.annotations.NullMarked;
