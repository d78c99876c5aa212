/**
 * The Open Inference Protocol over gRPC, both ends of it.
 *
 * <pre>
 *   replica ──OipModelRuntime──▶ ModelInfer ──▶ any server of the protocol
 *                  └─InferStreams─▶ ModelStreamInfer ──▶ a worker: the Python package, or
 *                                                    OipService ──▶ a ModelRuntime of this JVM
 * </pre>
 *
 * A worker says by the extension {@code clipper_streams} that it is asked by calls that stay open.
 *
 * {@code protocol} is what protoc makes of {@code open_inference.proto}.
 */
@NullMarked
package io.clipper.model.runtime.oip;

import org.jspecify.annotations.NullMarked;
