/**
 * Virtual time: a discrete-event simulation that drives the queue, the controllers, the routing, the hedging and the shares that serve. A
 * seed gives one trace, bit for bit.
 */
@NullMarked
package io.clipper.simulation;

import org.jspecify.annotations.NullMarked;
