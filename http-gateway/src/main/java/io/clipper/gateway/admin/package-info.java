/**
 * The management port: the original's {@code /admin/*}, what this server adds to it, health and the Prometheus page.
 *
 * <pre>
 *   AdminApi ──trust, path──▶ Verb (ApplicationVerbs, ModelVerbs, ClusterVerbs, Deployment) ──CatalogChange──▶ Clipper
 * </pre>
 *
 * The catalog decides; a verb only reads its fields and words the answer.
 */
@NullMarked
package io.clipper.gateway.admin;

import org.jspecify.annotations.NullMarked;
