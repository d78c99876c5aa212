/**
 * Who is in the cluster, what each node does there, and how a node comes in and is cut off.
 *
 * <pre>
 *   start ──▶ EntranceActor ── members that the database remembers, nodes that were named, or itself (WayIn) ──▶ cluster
 *   Members ──▶ MemberBookActor ──▶ MemberBook: who is a member, and lives
 *   cluster's events ──▶ MembersActor ──▶ Members (read without a lock): who may run replicas, whether the state is in reach
 *   unreachable ──▶ Pekko's split-brain resolver ──▶ DatabaseLease ──▶ LeaseDesk of a node with role application ──▶ one row
 * </pre>
 *
 * A node has the roles {@code gateway}, {@code application} and {@code replica}; only one with the role application opens the database.
 */
@NullMarked
package io.clipper.membership;

import org.jspecify.annotations.NullMarked;
