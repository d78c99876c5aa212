/**
 * All that a node or a cluster keeps, to another store or into one file.
 *
 * <pre>
 *   Store (database, artifacts) ──Backup.write──▶ file ──Backup.restore──▶ Store
 *                               ──────────Backup.move────────────────────▶
 * </pre>
 *
 * A file knows no dialect: what was kept in H2 may come back in PostgreSQL, and the other way round.
 */
@NullMarked
package io.clipper.backup;

import org.jspecify.annotations.NullMarked;
