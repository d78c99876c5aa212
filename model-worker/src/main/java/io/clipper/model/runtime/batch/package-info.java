/** How the inputs of a batch become what a model runs at once, for every runtime that stacks rows. */
@NullMarked
package io.clipper.model.runtime.batch;

import org.jspecify.annotations.NullMarked;
