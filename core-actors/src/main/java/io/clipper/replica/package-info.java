/**
 * Running copies of model versions, and the way to them.
 *
 * <pre>
 *   ApplicationActor ──Ask──▶ ReplicaRouterActor ──Predict──▶ ModelReplicaActor ──batch──▶ ModelRuntime
 *                             (one a version a node:          (queue in deadline order,
 *                              one flight an input)            adaptive batch size)
 *   CatalogView, Members ──▶ PlacementActor ──▶ ReplicaHostActor ── loads, warms up, watches, stops ──▶ ModelReplicaActor
 *                            (which copies are this node's)    │
 *                                              bulletin ◀──Running──▶ NeighboursActor of every other node ──▶ its routers
 * </pre>
 *
 * Batch sizing and placement are pure; the actors only queue, ask, time and reply.
 */
@NullMarked
package io.clipper.replica;

import org.jspecify.annotations.NullMarked;
