/**
 * What nodes tell each other without being asked.
 *
 * <pre>
 *   a node's part ──Tell(topic, value)──▶ BulletinActor ──Told(revision, value)──▶ BulletinActor of every other node ──▶ listeners
 *                                              ◀──Pull── whoever finds by Revisions that it missed one
 * </pre>
 *
 * A value replaces the one before it, so that losing, repeating and reordering change nothing once the newest is there. A node's values go
 * with the node.
 */
@NullMarked
package io.clipper.bulletin;

import org.jspecify.annotations.NullMarked;
