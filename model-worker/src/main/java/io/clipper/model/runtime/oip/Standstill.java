package io.clipper.model.runtime.oip;

import java.time.Duration;
import java.util.function.LongSupplier;

/** How long batches have been with a model and none has come back. A model that is merely slow returns one now and then. */
final class Standstill {
  private final LongSupplier nanoClock;
  private int underWay;
  private long since;

  Standstill(LongSupplier nanoClock) {
    this.nanoClock = nanoClock;
  }

  synchronized void sent() {
    if (underWay == 0) {
      since = nanoClock.getAsLong();
    }
    underWay++;
  }

  /** Whether answered or failed. */
  synchronized void returned() {
    underWay--;
    since = nanoClock.getAsLong();
  }

  /** Zero while nothing is under way. */
  synchronized Duration duration() {
    return underWay == 0 ? Duration.ZERO : Duration.ofNanos(nanoClock.getAsLong() - since);
  }
}
