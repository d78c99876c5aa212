/**
 * What a node answers over HTTP, told to programs and to people.
 *
 * <pre>
 *   document.json + components.json + {clipper,management,inference}.json ──OpenApiDocument──▶ GET /openapi.json
 *                                                                     docs.html reads it ──▶ GET /docs
 * </pre>
 *
 * The parts are kept by hand beside the paths they tell of; the build puts the document to a validator and a running node to the document.
 */
@NullMarked
package io.clipper.gateway.openapi;

import org.jspecify.annotations.NullMarked;
