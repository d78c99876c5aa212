package io.clipper.context;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The contexts of one partition that are in memory. What is as its row says is kept least recently used first and bounded in bytes; what is
 * newer than its row stays until it is in a row. A lesson for a context that is not here waits until its row has been read.
 */
public final class ContextMemory {
  /** As many rows as one transaction writes in a few milliseconds. */
  static final int BATCH = 512;

  /** What a lesson makes of a context. */
  @FunctionalInterface
  public interface Lesson {
    /** @param before empty for a context that nothing was learned of */
    LearnedContext after(Optional<ContextRow> before);
  }

  /** As its row says; one without a row is remembered too, so that it is not looked for again. */
  private record Clean(Optional<ContextRow> row, int size) {}

  /**
   * @param first of its lessons that may not be in the row that is kept
   * @param sinceNanos when it became newer than that
   */
  private record Newer(ContextRow row, long first, long sinceNanos) {}

  private record Numbered(long number, Lesson lesson) {}

  /** An entry of a map, its name and the objects around a row. */
  private static final int ENTRY_BYTES = 256;

  /** A row's objects in memory against its bytes as it is kept. */
  private static final int OBJECTS_PER_BYTE = 2;

  private final long maxBytes;
  private final Duration maxAge;
  private final Map<String, Clean> clean = new LinkedHashMap<>(16, 0.75f, true);
  private final Map<String, Newer> newer = new LinkedHashMap<>();
  private final Map<String, List<Numbered>> unread = new LinkedHashMap<>();
  private final Set<String> reading = new HashSet<>();
  private long cleanBytes;
  private long heard;
  private boolean writing;

  /**
   * @param maxBytes of what is as its row says
   * @param maxAge after which what is newer than its row is to be written
   */
  public ContextMemory(long maxBytes, Duration maxAge) {
    this.maxBytes = maxBytes;
    this.maxAge = maxAge;
  }

  /** Whether it is known what was learned of that context, be it nothing. */
  public boolean isHere(String context) {
    return !unread.containsKey(context) && (newer.containsKey(context) || clean.containsKey(context));
  }

  /** What was learned of a context that is here; empty where that is nothing. */
  public Optional<ContextRow> find(String context) {
    Newer changed = newer.get(context);
    if (changed != null) {
      return Optional.of(changed.row());
    }
    Clean known = clean.get(context);
    return known == null ? Optional.empty() : known.row();
  }

  /** Whether its row is to be read now: it is not here, and not on its way. */
  public boolean startsReading(String context) {
    return !isHere(context) && reading.add(context);
  }

  /** That is how it is kept; empty where there is no row. */
  public void read(String context, Optional<ContextRow> row, int size, long nowNanos) {
    reading.remove(context);
    if (newer.containsKey(context) || clean.containsKey(context)) {
      return;
    }
    Optional<ContextRow> known = row;
    long first = 0;
    List<Numbered> waited = unread.remove(context);
    for (Numbered one : waited == null ? List.<Numbered>of() : waited) {
      Optional<ContextRow> next = after(context, known, one);
      first = first == 0 && next.isPresent() && !next.equals(known) ? one.number() : first;
      known = next;
    }
    if (first > 0) {
      newer.put(context, new Newer(known.orElseThrow(), first, nowNanos));
    } else {
      keep(context, new Clean(row, size));
    }
  }

  /** Its row could not be read. */
  public void unreadable(String context) {
    reading.remove(context);
  }

  /** Those with lessons that wait, and whose rows are not on their way. */
  public List<String> unreadContexts() {
    return unread.keySet().stream().filter(context -> !reading.contains(context)).toList();
  }

  /** Takes in a lesson that is durable; one that was heard before changes nothing. */
  public void learn(String context, long number, Lesson lesson, long nowNanos) {
    pass(number);
    Numbered numbered = new Numbered(number, lesson);
    Newer changed = newer.get(context);
    Clean known = clean.get(context);
    if (changed != null) {
      after(context, Optional.of(changed.row()), numbered)
          .ifPresent(row -> newer.put(context, new Newer(row, changed.first(), changed.sinceNanos())));
    } else if (known != null) {
      Optional<ContextRow> row = after(context, known.row(), numbered);
      if (!row.equals(known.row())) {
        forget(context);
        newer.put(context, new Newer(row.orElseThrow(), number, nowNanos));
      }
    } else {
      unread.computeIfAbsent(context, each -> new ArrayList<>()).add(numbered);
    }
  }

  /** That lesson is for no row. */
  public void pass(long number) {
    heard = Math.max(heard, number);
  }

  /** Takes in what was kept elsewhere before there were rows. */
  public void adopt(ContextRow row, long nowNanos) {
    newer.put(row.context(), new Newer(row, row.number(), nowNanos));
  }

  /** The number of the last lesson before the first that may be in no row yet. */
  public long written() {
    long before = heard + 1;
    for (Newer changed : newer.values()) {
      before = Math.min(before, changed.first());
    }
    for (List<Numbered> waiting : unread.values()) {
      before = Math.min(before, waiting.getFirst().number());
    }
    return before - 1;
  }

  /** Whether something is to be written, now or later. */
  public boolean hasNews() {
    return !newer.isEmpty();
  }

  /** What is to be written now, the oldest first; empty while a batch is on its way. */
  public List<ContextRow> nextBatch(long nowNanos) {
    if (writing || newer.isEmpty() || (newer.size() < BATCH && !isDue(nowNanos))) {
      return List.of();
    }
    writing = true;
    return newer.values().stream().limit(BATCH).map(Newer::row).toList();
  }

  /** The batch is kept. */
  public void written(List<WrittenRow> rows, long nowNanos) {
    writing = false;
    for (WrittenRow row : rows) {
      Newer changed = newer.remove(row.context());
      if (changed == null) {
        continue;
      }
      if (changed.row().number() > row.number()) {
        newer.put(row.context(), new Newer(changed.row(), row.number() + 1, nowNanos));
      } else {
        keep(row.context(), new Clean(Optional.of(changed.row()), row.size()));
      }
    }
  }

  /** The batch is not kept, or nobody knows. */
  public void notWritten() {
    writing = false;
  }

  /** About what is here in bytes, without what is newer than its row. */
  public long bytes() {
    return cleanBytes;
  }

  private boolean isDue(long nowNanos) {
    return nowNanos - newer.values().iterator().next().sinceNanos() >= maxAge.toNanos();
  }

  private static Optional<ContextRow> after(String context, Optional<ContextRow> before, Numbered one) {
    return before.isPresent() && before.get().number() >= one.number()
        ? before
        : Optional.of(new ContextRow(context, one.number(), one.lesson().after(before)));
  }

  private void keep(String context, Clean known) {
    clean.put(context, known);
    cleanBytes += bytes(context, known);
    while (cleanBytes > maxBytes) {
      forget(clean.keySet().iterator().next());
    }
  }

  private void forget(String context) {
    Clean gone = clean.remove(context);
    if (gone != null) {
      cleanBytes -= bytes(context, gone);
    }
  }

  private static long bytes(String context, Clean known) {
    return ENTRY_BYTES + context.length() + (long) OBJECTS_PER_BYTE * known.size();
  }
}
