/** A file of rows, predicted one by one with a bounded number under way. */
@NullMarked
package io.clipper.node.file;

import org.jspecify.annotations.NullMarked;
