/**
 * What crosses nodes, as bytes.
 *
 * <pre>
 *   a message ──WireSerializer──▶ number of its type, fields ──Artery──▶ WireSerializer ──▶ the message
 *                     └── WireTypes: each type's number and Form, written by hand
 * </pre>
 *
 * A node writes the highest version that all members read ({@code WireVersionActor}). Numbers are never given to another type. A change of
 * a form is a new {@linkplain io.clipper.wire.WireSerializer#VERSION version}, which the first byte names. What has no form does not cross:
 * it is refused and counted.
 */
@NullMarked
package io.clipper.wire;

import org.jspecify.annotations.NullMarked;
