/**
 * Models in processes of their own.
 *
 * <pre>
 *   WorkerProvider ──command line──▶ WorkerProcess ──"ready TARGET"──▶ OipModelRuntime
 *                                        ▲                                  ▲
 *                                        └──── exit, memory ── WorkerRuntime ── health ────┘
 * </pre>
 *
 * A worker lives as long as its standard input is open, which ends with the node in whatever way the node ends; one that cannot notice,
 * as it was stopped, is ended by {@link io.clipper.model.runtime.process.Orphans} when the next node starts.
 */
@NullMarked
package io.clipper.model.runtime.process;

import org.jspecify.annotations.NullMarked;
