package io.clipper.context;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import org.assertj.core.data.Offset;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Contexts come and go in a memory too small for them, their rows are written, fail to be written, are written and not heard of, or are
 * written late by a node that is no more; at any step the node may end. What is here is always what all lessons of a context come to.
 */
class ContextCrashTest {
  private static final int CONTEXTS = 40;
  private static final int STEPS = 3_000;

  private final Map<String, Double> expected = new HashMap<>();
  private final Map<String, ContextRow> rows = new HashMap<>();
  private final List<List<ContextRow>> ofTheDead = new ArrayList<>();
  private final List<String> reads = new ArrayList<>();

  /** What the ledger keeps: the lessons that may be in no row yet. */
  private final TreeMap<Long, String> ledger = new TreeMap<>();

  private ContextMemory memory = fresh();
  private List<ContextRow> batch = List.of();
  private long lastNumber;
  private long now;
  private Random random = new Random(0);

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
  void noLessonIsLostAndNoneCountsTwice(long seed) {
    random = new Random(seed);
    int evicted = 0;
    for (int step = 0; step < STEPS; step++) {
      now += Duration.ofMillis(random.nextInt(50)).toNanos();
      step();
      checkWhatIsHere();
      evicted += rows.size() > 20 && rows.keySet().stream().anyMatch(context -> !memory.isHere(context)) ? 1 : 0;
    }
    assertThat(evicted).isGreaterThan(STEPS / 4);
    finish();
    assertThat(rows.keySet()).isEqualTo(expected.keySet());
    rows.forEach((context, row) -> assertThat(Lessons.lost(Optional.of(row))).isCloseTo(lost(context), Offset.offset(1e-9)));
    assertThat(ledger).isEmpty();
  }

  private void step() {
    switch (random.nextInt(20)) {
      case 0 -> crash();
      case 1 -> memory.unreadable(reads.isEmpty() ? "nobody" : reads.remove(random.nextInt(reads.size())));
      case 2, 3, 4, 5 -> read();
      case 6, 7 -> ask(context());
      case 8, 9 -> endBatch();
      case 10, 11 -> batch = batch.isEmpty() ? memory.nextBatch(now) : batch;
      case 12 -> ledger.headMap(memory.written(), true).clear();
      case 13 -> ofTheDead.stream().skip(random.nextInt(ofTheDead.size() + 1)).findFirst().ifPresent(this::write);
      default -> learn(context());
    }
  }

  private void learn(String context) {
    long number = ++lastNumber;
    ledger.put(number, context);
    expected.merge(context, Lessons.loss(number), Double::sum);
    memory.learn(context, number, Lessons.lesson(number), now);
    ask(context);
  }

  private void ask(String context) {
    if (memory.startsReading(context)) {
      reads.add(context);
    }
  }

  private void read() {
    if (!reads.isEmpty()) {
      String context = reads.remove(random.nextInt(reads.size()));
      memory.read(context, Optional.ofNullable(rows.get(context)), 300, now);
    }
  }

  private void endBatch() {
    if (batch.isEmpty()) {
      return;
    }
    boolean written = random.nextInt(4) > 0;
    boolean heard = written && random.nextInt(4) > 0;
    if (written) {
      write(batch);
    }
    if (heard) {
      memory.written(batch.stream().map(row -> new WrittenRow(row.context(), row.number(), 300)).toList(), now);
    } else {
      memory.notWritten();
    }
    batch = List.of();
  }

  /** As the table does: never over a row of more lessons. */
  private void write(List<ContextRow> written) {
    for (ContextRow row : written) {
      rows.merge(row.context(), row, (kept, given) -> kept.number() < given.number() ? given : kept);
    }
  }

  private void crash() {
    if (!batch.isEmpty()) {
      ofTheDead.add(batch);
    }
    batch = List.of();
    reads.clear();
    memory = fresh();
    ledger.forEach((number, context) -> memory.learn(context, number, Lessons.lesson(number), now));
    memory.unreadContexts().forEach(this::ask);
  }

  private void checkWhatIsHere() {
    for (String context : expected.keySet()) {
      if (memory.isHere(context)) {
        assertThat(Lessons.lost(memory.find(context))).as(context).isCloseTo(lost(context), Offset.offset(1e-9));
      }
    }
  }

  private void finish() {
    now += Duration.ofHours(1).toNanos();
    memory.unreadContexts().forEach(this::ask);
    while (!reads.isEmpty()) {
      read();
    }
    now += Duration.ofHours(1).toNanos();
    while (memory.hasNews()) {
      batch = batch.isEmpty() ? memory.nextBatch(now) : batch;
      endBatch();
      now += Duration.ofHours(1).toNanos();
    }
    ledger.headMap(memory.written(), true).clear();
  }

  private double lost(String context) {
    return expected.getOrDefault(context, 0.0);
  }

  private String context() {
    return "context-" + (int) (CONTEXTS * Math.pow(random.nextDouble(), 2));
  }

  private static ContextMemory fresh() {
    return new ContextMemory(8 * 900, Duration.ofMillis(200));
  }
}
