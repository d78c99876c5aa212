package io.clipper.feedback;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;

/** The groups that were written or read last, as they are stored and bounded in bytes: most feedback finds its query here. */
final class RecentGroups {
  /** About what a group takes beside its bytes: its dictionary, and its places here. It bounds how many small ones are looked through. */
  private static final int OVERHEAD_BYTES = 1024;

  private record Place(LogPart part, long firstId) implements Comparable<Place> {
    @Override
    public int compareTo(Place other) {
      int byPart = part.compareTo(other.part);
      return byPart != 0 ? byPart : Long.compare(firstId, other.firstId);
    }
  }

  private final long maxBytes;
  private final NavigableMap<Place, LoggedGroup> groups = new TreeMap<>();
  private final Deque<Place> oldestFirst = new ArrayDeque<>();
  private long bytes;

  RecentGroups(long maxBytes) {
    this.maxBytes = maxBytes;
  }

  synchronized void add(LogPart part, LoggedGroup group) {
    Place place = new Place(part, group.firstId());
    if (groups.putIfAbsent(place, group) != null) {
      return; // a query is in one group only: this is the same
    }
    oldestFirst.add(place);
    bytes += weight(group);
    while (bytes > maxBytes && oldestFirst.size() > 1) {
      bytes -= weight(groups.remove(oldestFirst.remove()));
    }
  }

  /** Looks through all that may have it: a query that was settled late lies among later ones. */
  synchronized Optional<LoggedQuery> find(LogPart part, long queryId) {
    NavigableMap<Place, LoggedGroup> candidates = groups.subMap(new Place(part, Long.MIN_VALUE), true, new Place(part, queryId), true);
    for (LoggedGroup group : candidates.descendingMap().values()) {
      Optional<LoggedQuery> found = group.lastId() < queryId ? Optional.empty() : group.find(queryId);
      if (found.isPresent()) {
        return found;
      }
    }
    return Optional.empty();
  }

  private static long weight(LoggedGroup group) {
    return OVERHEAD_BYTES + (long) group.bytes().length;
  }
}
