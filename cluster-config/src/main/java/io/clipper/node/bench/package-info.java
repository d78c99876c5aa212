/** A load of queries against one application, and the latencies that came of it. */
@NullMarked
package io.clipper.node.bench;

import org.jspecify.annotations.NullMarked;
