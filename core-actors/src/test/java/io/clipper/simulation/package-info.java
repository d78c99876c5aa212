/**
 * Virtual time: a discrete-event simulation that drives the queue, the controllers, the routing and the hedging that serve. A seed gives one
 * trace, bit for bit.
 */
@NullMarked
package io.clipper.simulation;

import org.jspecify.annotations.NullMarked;
