/**
 * The select-combine-observe loop.
 *
 * <pre>
 *   Query ──▶ Applications ──▶ ApplicationActor ── select ──▶ cache, ReplicaRouterActor ── combine ──▶ Prediction
 *               │ keeps the deadline      │
 *   Feedback ───┘                         └── observe ──▶ LedgerActor (one list, one event) ──▶ new state
 * </pre>
 *
 * The actor is its phases; what it does in them is in classes that only it calls: {@code Roster} (the application, its candidates
 * and their weights), {@code QueryDesk} (queries on their way) and {@code FeedbackDesk} (what was said of them).
 *
 * <p>What is learned of single contexts is in rows, not in the ledger: {@code ContextDesk} has them read and written.
 *
 * <p>An application has one partition, or some on every node, each with a loop and a ledger. These tell each other what they learn:
 * {@code HeardLedgers} has what this node heard, {@code SharedLearning} what one loop chooses by with it, and {@code LoopKeeperActor}
 * sees to it that all run.
 *
 * <p>What labels teach besides whom to choose is {@link io.clipper.application.Assurance}: the ledger learns it, and a query on its way has
 * it as it was when it was asked.
 *
 * <p>{@link io.clipper.application.Applications} is the way in for the gateway and for programs that embed the server. It answers at the
 * deadline whatever happens downstream.
 */
@NullMarked
package io.clipper.application;

import org.jspecify.annotations.NullMarked;
