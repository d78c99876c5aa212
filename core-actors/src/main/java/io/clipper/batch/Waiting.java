package io.clipper.batch;

/** What a controller sees of a replica's queue. Moments are nanoseconds on the owner's clock. */
public interface Waiting {
  int rows();

  /** The earliest deadline among the rows. */
  long firstDeadlineNanos();

  /** When the row that waits longest came. */
  long oldestArrivalNanos();

  /** When the last row came, whether it still waits or not. */
  long newestArrivalNanos();

  ArrivalRate arrivals();

  /** Whether rows come from a fixed number of askers, each of whom asks again after its answer. */
  boolean isClosedLoop();

  LatencyModel latency();
}
