/**
 * Running copies of models, whatever they are made of.
 *
 * <pre>
 *   RuntimeSpec + artifact ──Runtimes.load──▶ ModelRuntime ◀──predict(batch)── one replica
 * </pre>
 *
 * {@link RuntimeProvider}s are found by {@code ServiceLoader}: a third party adds a kind of model by putting a jar on the class path.
 */
@NullMarked
package io.clipper.model.runtime;

import org.jspecify.annotations.NullMarked;
