/**
 * Mutual TLS between nodes.
 *
 * <pre>
 *   ./clipper tls DIR ──TestAuthority──▶ ca.pem, node.pem, node-key.pem ──up --tls DIR──▶ TlsFolder ──settings──▶ NodeEngineProvider
 * </pre>
 *
 * Whoever has a certificate of the authority is a node: the authority is for one cluster alone. With host names verified, a node that
 * connects also checks that the other's certificate names the host that it asked for.
 */
@NullMarked
package io.clipper.node.tls;

import org.jspecify.annotations.NullMarked;
