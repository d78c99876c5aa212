/**
 * The edge: bytes to messages and back. Nothing is decided here but statuses, in one table.
 *
 * <pre>
 *   HttpServer ──▶ clipper.QueryApi (1337) ──▶ Clipper ──▶ the core
 *              ├─▶ oip.OipApi              ──┤
 *              ├─▶ admin.AdminApi   (1338) ──┘
 *              └─▶ openapi.DocumentApi: what all of these answer
 * </pre>
 *
 * {@link io.clipper.gateway.Clipper} is all that the edge asks of the core; {@link io.clipper.gateway.Statuses} turns what it refuses into
 * a status.
 */
@NullMarked
package io.clipper.gateway;

import org.jspecify.annotations.NullMarked;
