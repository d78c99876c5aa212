package io.clipper.feedback;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The latest queries of one partition, for feedback that comes soon: a ring by the query's number, bounded in bytes. It belongs to one
 * loop, which alone uses it.
 */
public final class JoinWindow {
  private static final int FIRST_PLACES = 256;
  private static final int MOST_PLACES = 1 << 20;

  private final long maxBytes;
  private final int partitions;
  private @Nullable LoggedQuery[] ring = new LoggedQuery[FIRST_PLACES];
  private long bytes;
  private long oldest = -1;
  private long newest = -1;

  /** @param partitions a query's number is its id ÷ this; numbers are given one after the other */
  public JoinWindow(long maxBytes, int partitions) {
    this.maxBytes = maxBytes;
    this.partitions = partitions;
  }

  public void add(LoggedQuery query) {
    long number = query.queryId() / partitions;
    if (newest < 0 || Math.abs(number - newest) > MOST_PLACES) {
      clear();
      // The first to be settled need not be the first that was asked.
      oldest = Math.max(0, number - FIRST_PLACES + 1);
      newest = number;
    }
    if (number < oldest) {
      return;
    }
    while (number - oldest >= ring.length && ring.length < MOST_PLACES) {
      grow();
    }
    while (number - oldest >= ring.length) {
      dropOldest();
    }
    int place = place(number);
    LoggedQuery before = ring[place];
    bytes += query.weight() - (before == null ? 0 : before.weight());
    ring[place] = query;
    newest = Math.max(newest, number);
    while (bytes > maxBytes && oldest < newest) {
      dropOldest();
    }
  }

  /** With its probabilities. */
  public Optional<LoggedQuery> find(long queryId) {
    LoggedQuery found = ring[place(queryId / partitions)];
    return found != null && found.queryId() == queryId ? Optional.of(found.known()) : Optional.empty();
  }

  private void dropOldest() {
    LoggedQuery dropped = ring[place(oldest)];
    if (dropped != null) {
      bytes -= dropped.weight();
      ring[place(oldest)] = null;
    }
    oldest++;
  }

  private void grow() {
    @Nullable LoggedQuery[] smaller = ring;
    ring = new LoggedQuery[smaller.length * 2];
    for (LoggedQuery query : smaller) {
      if (query != null) {
        ring[place(query.queryId() / partitions)] = query;
      }
    }
  }

  private void clear() {
    ring = new LoggedQuery[FIRST_PLACES];
    bytes = 0;
  }

  private int place(long number) {
    return (int) (number & (ring.length - 1));
  }
}
