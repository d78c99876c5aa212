/** One node's predictions, by input: one lookup gives what every model version said of it. */
@NullMarked
package io.clipper.cache;

import org.jspecify.annotations.NullMarked;
