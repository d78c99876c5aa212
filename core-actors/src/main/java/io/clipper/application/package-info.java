/**
 * The select-combine-observe loop.
 *
 * <pre>
 *   Query ──▶ Applications ──▶ ApplicationActor ── select ──▶ cache, ReplicaRouterActor ── combine ──▶ Prediction
 *               │ keeps the deadline      │
 *   Feedback ───┘                         └── observe ──▶ LedgerActor (one list, one event) ──▶ new state
 * </pre>
 *
 * {@link io.clipper.application.Applications} is the way in for the gateway and for programs that embed the server. It answers at the
 * deadline whatever happens downstream.
 */
@NullMarked
package io.clipper.application;

import org.jspecify.annotations.NullMarked;
