/** Joining what became of a prediction with the prediction: the log of what was answered, and the losses that judge it. */
@NullMarked
package io.clipper.feedback;

import org.jspecify.annotations.NullMarked;
