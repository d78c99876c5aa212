/**
 * The HTTP client of a running node, for the command line.
 *
 * <pre>
 *   a verb ──▶ NodeClient ──POST──▶ 1337 queries, 1338 management
 *                  └── an Answer, a JSON value, or NodeRefused, or NodeUnreachable
 * </pre>
 */
@NullMarked
package io.clipper.node.client;

import org.jspecify.annotations.NullMarked;
