package io.clipper.replica;

/** A node's clock that acts: what runs on it may only tell or complete. */
public interface Alarms {
  /** Runs the action at that moment on the node's clock, or at once where it has passed. */
  void at(long nanos, Runnable action);
}
