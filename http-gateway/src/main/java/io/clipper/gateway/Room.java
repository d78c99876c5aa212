package io.clipper.gateway;

import java.util.concurrent.atomic.AtomicLong;

/** How much of the heap may be taken at once, by whoever takes of it. */
final class Room {
  private final long bytes;
  private final AtomicLong taken = new AtomicLong();

  Room(long bytes) {
    this.bytes = bytes;
  }

  long bytes() {
    return bytes;
  }

  /** False, and nothing is taken, where there is not so much left. */
  boolean take(long some) {
    if (taken.addAndGet(some) > bytes) {
      taken.addAndGet(-some);
      return false;
    }
    return true;
  }

  void giveBack(long some) {
    taken.addAndGet(-some);
  }

  long taken() {
    return taken.get();
  }
}
