/**
 * The Open Inference Protocol over gRPC, both ends of it.
 *
 * <pre>
 *   replica ──OipModelRuntime──▶ ModelInfer ──▶ any server of the protocol
 *                  ├─InferFrames──▶ Frames ───────────▶ a worker at unix:PATH: the Python package, or
 *                  │                                 FrameServer ─▶ OipService ──▶ a ModelRuntime of this JVM
 *                  └─InferStreams─▶ ModelStreamInfer ──▶ a worker at a port: the same
 * </pre>
 *
 * A worker says by the extensions {@code clipper_frames} and {@code clipper_streams} how it may be asked beside the protocol's calls. Both are {@code Lanes}: each
 * carries one batch at a time, and what one has ended for is asked by a call.
 *
 * {@code protocol} is what protoc makes of {@code open_inference.proto}.
 */
@NullMarked
package io.clipper.model.runtime.oip;

import org.jspecify.annotations.NullMarked;
