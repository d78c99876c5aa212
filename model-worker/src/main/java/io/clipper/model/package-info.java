/**
 * The values that every other package shares, and nothing else: this package imports nothing of ours.
 *
 * <pre>
 *   Input  = named Tensors      what an application is asked about, checked against a Signature
 *   Output = named Tensors      what a model answers; a classifier adds ClassProbabilities
 *   ModelId                     a model's name and version
 * </pre>
 *
 * A tensor is one block of little-endian bytes with a datatype and a shape, the layout of the Open Inference Protocol's raw contents, so
 * that the cache, the batcher, the wire and a runtime read the same bytes without a conversion.
 */
@NullMarked
package io.clipper.model;

import org.jspecify.annotations.NullMarked;
