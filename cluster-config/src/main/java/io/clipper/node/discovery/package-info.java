/**
 * Where a node that was told no address finds the nodes to join.
 *
 * <pre>
 *   up --discovery dns:NAME | kubernetes:LABELS ──Discovery──▶ HOST:PORT of other nodes ──▶ as if by --join
 * </pre>
 *
 * Discovery finds nodes and decides nothing: whether there is a cluster yet is decided where its state is kept.
 */
@NullMarked
package io.clipper.node.discovery;

import org.jspecify.annotations.NullMarked;
