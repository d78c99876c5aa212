/** Curves as a picture that a browser and a page of documentation show: an SVG, made without a library. */
@NullMarked
package io.clipper.node.plot;

import org.jspecify.annotations.NullMarked;
