/**
 * The Open Inference Protocol (V2) at the front door, with Triton's extensions, over HTTP and over gRPC.
 *
 * <pre>
 *   HTTP: OipApi ──InferJson──▶ InferRequest ──▶ Inference ──Rows──▶ one query a row ──▶ Clipper
 *   gRPC: InferenceService ─────▶ ┘                  └──OutputRows──▶ InferResponse ──InferReply──▶ bytes
 * </pre>
 *
 * Where bytes are copied: an array of the body (HTTP puts the parts of a body together once; gRPC's parser keeps what it received); one copy
 * of each row out of it, or the numbers read from JSON; one copy of the rows into each output tensor where there are several. A tensor of one
 * row goes out as the model gave it: over gRPC without a copy, over HTTP with one.
 */
@NullMarked
package io.clipper.gateway.oip;

import org.jspecify.annotations.NullMarked;
