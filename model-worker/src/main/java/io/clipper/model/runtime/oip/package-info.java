/**
 * The Open Inference Protocol over gRPC, both ends of it.
 *
 * <pre>
 *   replica ──OipModelRuntime──▶ ModelInfer ──▶ any server of the protocol, or our own:
 *                                OipService ──▶ a ModelRuntime of this JVM
 * </pre>
 *
 * {@code protocol} is what protoc makes of {@code open_inference.proto}.
 */
@NullMarked
package io.clipper.model.runtime.oip;

import org.jspecify.annotations.NullMarked;
