/**
 * All that a node or a cluster keeps, to another store or into one file.
 *
 * <pre>
 *   Store ──Snapshot──▶ Backup.write ──▶ file ──▶ Backup.restore ──Filling──▶ EmptyStore
 *                  └──────────────── Backup.move ──────────────────────┘
 * </pre>
 *
 * What is read is as of one moment, and changes nothing; what is filled is there as a whole or not at all. A file knows no dialect: what was
 * kept in H2 may come back in PostgreSQL, and the other way round.
 */
@NullMarked
package io.clipper.backup;

import org.jspecify.annotations.NullMarked;
