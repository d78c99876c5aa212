/** Models of servers that someone else runs: of the Open Inference Protocol, or with a row format over HTTP. */
@NullMarked
package io.clipper.model.runtime.endpoint;

import org.jspecify.annotations.NullMarked;
