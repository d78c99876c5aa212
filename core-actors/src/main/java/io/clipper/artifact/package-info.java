/** Models' bytes, stored under their SHA-256. */
@NullMarked
package io.clipper.artifact;

import org.jspecify.annotations.NullMarked;
