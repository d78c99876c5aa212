/** Turning several models' answers into one, with an agreement and a confidence: pure rules. */
@NullMarked
package io.clipper.combine;

import org.jspecify.annotations.NullMarked;
