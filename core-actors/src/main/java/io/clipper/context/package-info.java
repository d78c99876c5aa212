/**
 * What is learned of single contexts (users, sessions, devices), of which there may be any number.
 *
 * <pre>
 *   lesson, durable ──▶ ContextMemory (of one partition, pure) ──batches──▶ ContextStore (of the node, threads of its own) ──▶ rows
 *   query ────────────▶ in memory, else a row is read
 * </pre>
 *
 * A row is what the lessons of one context came to, with the number of the last of them. The ledger keeps every lesson that is not in a row
 * yet, so that what is here may be lost at any moment.
 */
@NullMarked
package io.clipper.context;

import org.jspecify.annotations.NullMarked;
