/**
 * Programs of others against a node of ours. Those that put the HTTP interface to the proof run in every build; those tagged {@code peers}
 * with {@code mvn verify -Ppeers}. Each has an environment of its own below {@code target}, made from pinned requirements.
 */
@NullMarked
package io.clipper.node.peers;

import org.jspecify.annotations.NullMarked;
