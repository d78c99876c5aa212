/**
 * Models' bytes, stored under their SHA-256.
 *
 * <pre>
 *   upload, file ──▶ ArtifactStore (a folder) ──pack──▶ SharedArtifacts (the database that nodes share)
 *                        ▲                                     │
 *                        └──unpack, checked── ArtifactFetcher ◀┴─ ArtifactPeers ◀──Described, Block── ArtifactActor of another node
 *
 *   deployed at a node that keeps no state ──▶ ArtifactKeepers ──Keep──▶ ArtifactActor of one that does, which fetches it
 * </pre>
 *
 * A node that needs a version's bytes asks its {@link io.clipper.artifact.ArtifactFetcher}. Each further place to fetch from is an {@link
 * io.clipper.artifact.ArtifactSource}: it writes what {@link io.clipper.artifact.ArtifactStore#pack} writes there, and need not check it.
 */
@NullMarked
package io.clipper.artifact;

import org.jspecify.annotations.NullMarked;
