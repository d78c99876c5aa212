/** Programs that show how Clipper is used from inside a JVM; the build runs them. */
@NullMarked
package io.clipper.examples;

import org.jspecify.annotations.NullMarked;
