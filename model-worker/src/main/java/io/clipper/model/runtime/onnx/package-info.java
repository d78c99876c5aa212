/**
 * ONNX Runtime in this JVM.
 *
 * <pre>
 *   file ──OnnxRuntimeProvider──▶ OnnxModelRuntime
 *   batch ──BatchStacking──▶ runs of equal shape ──InputBuffers──▶ session ──OutputReading──▶ one Output for each input
 * </pre>
 *
 * All sessions of the JVM share {@link io.clipper.model.runtime.onnx.OnnxEnvironment} and its threads.
 */
@NullMarked
package io.clipper.model.runtime.onnx;

import org.jspecify.annotations.NullMarked;
