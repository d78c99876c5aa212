package io.clipper.context;

import io.clipper.context.ContextTable.Stored;
import io.clipper.storage.Database;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The rows of the contexts of all partitions on a node. Two threads of its own wait for the database: one reads, whatever was asked for
 * meanwhile at once, and one writes, in the order in which it was told.
 */
public final class ContextStore implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ContextStore.class);

  /** Rows that one statement asks for: a database that is slow to answer is then asked seldom, for many. */
  private static final int READ_AT_ONCE = 128;

  /** Rows that may wait to be read: more than any query would wait for. */
  private static final int MOST_READS = 10_000;

  private static final Duration LAST_WRITES = Duration.ofSeconds(5);

  /** @param size in bytes, as it is kept */
  public record Found(Optional<ContextRow> row, int size) {}

  private record Wanted(ContextPartition of, String context, CompletableFuture<Found> answer) {}

  private final ContextTable table;
  private final RowForm form = new RowForm();
  private final LinkedBlockingQueue<Wanted> wanted = new LinkedBlockingQueue<>(MOST_READS);
  private final ExecutorService writer = Executors.newSingleThreadExecutor(Thread.ofPlatform().daemon().name("contexts-write").factory());
  private final Thread reader = Thread.ofPlatform().daemon().name("contexts-read").unstarted(this::readWanted);
  private volatile boolean closed;

  private ContextStore(ContextTable table) {
    this.table = table;
  }

  /** On a database whose tables are there. */
  public static ContextStore open(Database database) {
    ContextStore store = new ContextStore(new ContextTable(database));
    store.reader.start();
    return store;
  }

  /** Never blocks; fails where the row cannot be read, or more wait to be read than would ever be in time. */
  public CompletionStage<Found> read(ContextPartition of, String context) {
    Wanted one = new Wanted(of, context, new CompletableFuture<>());
    if (closed || !wanted.offer(one)) {
      one.answer().completeExceptionally(new IllegalStateException("more contexts wait to be read than would be in time"));
    }
    return one.answer();
  }

  /** All of these rows or none; completes when they are durable. */
  public CompletionStage<List<WrittenRow>> write(ContextPartition of, List<ContextRow> rows) {
    return CompletableFuture.supplyAsync(
        () -> {
          try {
            return writeRows(of, rows);
          } catch (SQLException unwritable) {
            throw new IllegalStateException("contexts cannot be written: " + Database.words(unwritable), unwritable);
          } catch (IOException unwritable) {
            throw new UncheckedIOException(unwritable);
          }
        },
        writer);
  }

  /** Lets go of what was learned for earlier applications of that name, some time. */
  public void forgetOthers(ContextPartition of) {
    writer.execute(
        () -> {
          try {
            table.deleteOthers(of);
          } catch (SQLException failed) {
            LOG.warn("what the contexts of an earlier '{}' learned is still in the database: {}", of.application(), Database.words(failed));
          }
        });
  }

  /** Writes what it was told, for as long as it takes up to five seconds. */
  @Override
  public void close() {
    closed = true;
    // By a word and not by an interrupt, which could reach it inside the database, and close the database's file. Where there is no room
    // for the word it does not wait for one.
    boolean unused = wanted.offer(new Wanted(new ContextPartition("", 0, 0), "", new CompletableFuture<>()));
    writer.shutdown();
    try {
      if (!writer.awaitTermination(LAST_WRITES.toMillis(), TimeUnit.MILLISECONDS)) {
        LOG.warn("the last lessons of some contexts are in no row yet; the ledger has them");
      }
    } catch (InterruptedException stopping) {
      Thread.currentThread().interrupt();
    }
  }

  private List<WrittenRow> writeRows(ContextPartition of, List<ContextRow> rows) throws SQLException, IOException {
    List<Stored> stored = new ArrayList<>(rows.size());
    for (ContextRow row : rows) {
      stored.add(new Stored(row.context(), row.number(), form.bytes(row.learned())));
    }
    // In one order, whoever writes: two that want the same rows wait for each other once.
    stored.sort(Comparator.comparing(Stored::context));
    table.write(of, stored);
    return stored.stream().map(row -> new WrittenRow(row.context(), row.number(), row.learned().length)).toList();
  }

  private void readWanted() {
    try {
      while (!closed) {
        List<Wanted> now = new ArrayList<>();
        now.add(wanted.take());
        wanted.drainTo(now, READ_AT_ONCE - 1);
        now.stream().collect(Collectors.groupingBy(Wanted::of)).forEach(this::readRows);
      }
    } catch (InterruptedException ending) {
      Thread.currentThread().interrupt();
    }
  }

  private void readRows(ContextPartition of, List<Wanted> asked) {
    Map<String, Stored> rows;
    try {
      rows = table.read(of, asked.stream().map(Wanted::context).distinct().toList());
    } catch (SQLException | RuntimeException unreadable) {
      asked.forEach(one -> one.answer().completeExceptionally(unreadable));
      return;
    }
    for (Wanted one : asked) {
      try {
        Stored stored = rows.get(one.context());
        one.answer()
            .complete(
                stored == null
                    ? new Found(Optional.empty(), 0)
                    : new Found(Optional.of(new ContextRow(one.context(), stored.number(), form.read(stored.learned()))), stored.learned().length));
      } catch (IOException | RuntimeException unreadable) {
        one.answer().completeExceptionally(unreadable);
      }
    }
  }
}
