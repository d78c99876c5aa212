/**
 * The Open Inference Protocol (V2) at the front door, with Triton's extensions, over HTTP and over gRPC.
 *
 * <pre>
 *   HTTP: OipApi ──InferJson──▶ InferRequest ──▶ Inference ──Rows──▶ one query a row ──▶ Clipper
 *   gRPC: InferenceService ─InferWire─▶ ┘            └──OutputRows──▶ InferResponse ──InferReply──▶ bytes
 * </pre>
 *
 * Where bytes are copied on their way in: HTTP puts the parts of a body together once, gRPC reads each tensor into an array of its own. A
 * tensor of one row that came over gRPC is that array; else each row is copied once out of what was received, or read from JSON. On their way
 * out: the rows are copied into each output tensor once where there are several, and a tensor of one row goes out as the model gave it.
 *
 * What a message claims is held against what is there before anything is made for it: elements are counted before there is room for them, and
 * parts that cost more than they weigh (inputs, outputs, parameters, extents) have a bound.
 */
@NullMarked
package io.clipper.gateway.oip;

import org.jspecify.annotations.NullMarked;
