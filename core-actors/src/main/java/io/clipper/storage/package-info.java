/**
 * Where everything that outlives a process is kept: one database behind one setting.
 *
 * <pre>
 *   --data DIR, --jdbc URL ──Storage.config──▶ settings ──▶ journal and snapshots (pekko-persistence-jdbc, 4 connections)
 *                            Storage.prepare ──▶ tables, then Database (plain JDBC, up to 6 connections)
 * </pre>
 *
 * The database is H2 in a file, unless a URL names another. What the journal keeps is a {@link io.clipper.storage.JournalEvent}, written
 * by Jackson as CBOR.
 *
 * <p>A node's logging keeps the logger {@code com.zaxxer.hikari} off and {@code slick} at warnings: every failure comes back to whoever
 * asked, and is told once, there.
 */
@NullMarked
package io.clipper.storage;

import org.jspecify.annotations.NullMarked;
