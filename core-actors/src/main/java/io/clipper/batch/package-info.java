/**
 * When a replica's next batch leaves, and what is in it.
 *
 * <pre>
 *   rows ──offer──▶ Batcher (DeadlineQueue, ArrivalRate, LatencyModel) ──next──▶ send | drop | wait until
 *                      ▲        asks a BatchController, which decides        │
 *                      └───────────── returned(rows, took) ◀─────────────────┘
 * </pre>
 *
 * Nothing here knows a clock, a thread or an actor: time is an argument, so that a replica and a simulation drive the same code.
 */
@NullMarked
package io.clipper.batch;

import org.jspecify.annotations.NullMarked;
