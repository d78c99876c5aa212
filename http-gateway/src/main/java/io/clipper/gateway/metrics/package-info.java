/** What the edge measures, under the names of the Prometheus page and in the shape of the original's {@code /metrics}. */
@NullMarked
package io.clipper.gateway.metrics;

import org.jspecify.annotations.NullMarked;
