/** The prediction server's loop: see the packages below in the order a query travels them. */
@NullMarked
package io.clipper;

import org.jspecify.annotations.NullMarked;
