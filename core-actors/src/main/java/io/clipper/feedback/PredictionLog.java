package io.clipper.feedback;

import io.clipper.storage.Database;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What this node answered, for whoever judges it later, in the database; each loop keeps its latest in a {@link JoinWindow} besides.
 * Appending never blocks: what is appended is written in groups by a thread of the log's own, and lost with the node until then.
 */
public final class PredictionLog implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(PredictionLog.class);
  private static final int GROUP = 4096;

  /** Wakes the writer to end: an interrupt could reach it inside the database, and close the database's file. */
  private static final LoggedQuery LAST =
      new LoggedQuery("", -1, Optional.empty(), List.of(), Optional.empty(), List.of(), List.of());

  private static final int TRIM_EVERY_FLUSHES = 500;

  /** What may wait to be found: at a millisecond each, as many as are found while whoever asked still waits. */
  private static final int MOST_FINDS = 10_000;

  /** As long as feedback waits for its answer. */
  private static final Duration FINDING = Duration.ofSeconds(10);

  private final LogStore store;
  private final PredictionLogSettings settings;
  private final int partitions;
  private final LinkedBlockingQueue<LoggedQuery> unwritten = new LinkedBlockingQueue<>();
  private final AtomicLong unwrittenBytes = new AtomicLong();
  private final AtomicLong dropped = new AtomicLong();
  private final AtomicLong crowdedOutBytes = new AtomicLong();
  private final InstantSource clock;
  private final ExecutorService reader =
      new ThreadPoolExecutor(
          1, 1, 0, TimeUnit.SECONDS, new LinkedBlockingQueue<>(MOST_FINDS), Thread.ofPlatform().daemon().name("prediction-log-read").factory());
  private final RecentGroups recent;

  /** Held while queries are on their way from the queue to the groups, where they are in neither. */
  private final Object moving = new Object();

  private final Thread writer;

  /** How many were appended, and of how many of these nothing more is done, since the node started. */
  private final AtomicLong appended = new AtomicLong();

  private final AtomicLong done = new AtomicLong();
  private final Queue<Awaited> awaited = new ConcurrentLinkedQueue<>();

  /** Of the group that others are awaited for. */
  private volatile @Nullable LoggedQuery first;

  private volatile boolean closed;

  /** @param appended how many had been appended when somebody began to wait */
  private record Awaited(long appended, CompletableFuture<Void> written) {}

  private PredictionLog(LogStore store, PredictionLogSettings settings, int partitions, InstantSource clock) {
    this.store = store;
    this.settings = settings;
    this.partitions = partitions;
    this.clock = clock;
    this.recent = new RecentGroups(settings.recentBytes());
    this.writer = Thread.ofPlatform().daemon().name("prediction-log-write").unstarted(this::writeGroups);
  }

  /**
   * Opens the log in a database whose tables are there.
   *
   * @param partitions a query's partition is its id modulo this
   */
  public static PredictionLog open(Database database, PredictionLogSettings settings, int partitions, InstantSource clock) {
    PredictionLog log = new PredictionLog(new LogStore(database, settings, clock), settings, partitions, clock);
    log.writer.start();
    return log;
  }

  /** Never blocks. Where too much waits to be written already, the query can be judged only while its loop remembers it. */
  public void append(LoggedQuery query) {
    if (unwrittenBytes.get() > settings.unwrittenBytes()) {
      dropped.incrementAndGet();
      return;
    }
    unwrittenBytes.addAndGet(query.weight());
    appended.incrementAndGet();
    unwritten.add(query);
  }

  /** Completes when what was appended until now is written, or could not be: the next group is not waited for longer than usual. */
  public CompletionStage<Void> written() {
    CompletableFuture<Void> written = new CompletableFuture<>();
    awaited.add(new Awaited(appended.get(), written));
    tellWritten();
    return written;
  }

  private void tellWritten() {
    long now = done.get();
    List<Awaited> over = awaited.stream().filter(one -> one.appended() <= now).toList();
    awaited.removeAll(over);
    over.forEach(one -> one.written().complete(null));
  }

  /**
   * Looks among the latest and then in the database. Never blocks; fails with its error when it cannot be read, at once where more waits to be
   * found than would be in time, and without a look where whoever asked has given up.
   */
  public CompletionStage<Optional<LoggedQuery>> find(String application, long queryId) {
    LogPart part = new LogPart(application, partitionOf(queryId));
    Instant askedAt = clock.instant();
    CompletableFuture<Optional<LoggedQuery>> answer = new CompletableFuture<>();
    try {
      reader.execute(() -> find(part, queryId, askedAt, answer));
    } catch (RejectedExecutionException full) {
      answer.completeExceptionally(
          new IllegalStateException("more predictions wait to be found in the log than would be in time; send the feedback again", full));
    }
    return answer;
  }

  /** A window for one loop. */
  public JoinWindow window() {
    return new JoinWindow(settings.windowBytes(), partitions);
  }

  /** How many queries were not written since the node started. */
  public long dropped() {
    return dropped.get();
  }

  /** How many bytes of written queries were deleted before their age since the node started, for want of room. */
  public long crowdedOutBytes() {
    return crowdedOutBytes.get();
  }

  /** Writes what is left, for as long as it takes up to five seconds. */
  @Override
  public void close() {
    closed = true;
    unwritten.add(LAST);
    try {
      if (!writer.join(Duration.ofSeconds(5))) {
        LOG.warn("{} answered queries could not be written to the prediction log before the node stopped", unwritten.size());
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
    reader.shutdown();
  }

  private void find(LogPart part, long queryId, Instant askedAt, CompletableFuture<Optional<LoggedQuery>> answer) {
    if (Duration.between(askedAt, clock.instant()).compareTo(FINDING) > 0) {
      answer.completeExceptionally(new IllegalStateException("the prediction log did not answer in time; send the feedback again"));
      return;
    }
    try {
      answer.complete(find(part, queryId));
    } catch (SQLException | RuntimeException unreadable) {
      answer.completeExceptionally(new IllegalStateException("the prediction log cannot be read: " + Database.words(unreadable), unreadable));
    }
  }

  /** In memory first: with the database gone, what is there is judged still. */
  private Optional<LoggedQuery> find(LogPart part, long queryId) throws SQLException {
    Optional<LoggedQuery> found = recent.find(part, queryId).or(() -> findOnTheWay(part, queryId));
    if (found.isPresent()) {
      return found;
    }
    for (LoggedGroup group : store.around(part, queryId)) {
      recent.add(part, group);
      found = found.or(() -> group.find(queryId));
    }
    return found;
  }

  private Optional<LoggedQuery> findOnTheWay(LogPart part, long queryId) {
    synchronized (moving) {
      return Stream.concat(Stream.ofNullable(first), unwritten.stream())
          .filter(query -> query.queryId() == queryId && query.application().equals(part.application()))
          .findFirst()
          .map(LoggedQuery::known)
          .or(() -> recent.find(part, queryId));
    }
  }

  private void writeGroups() {
    boolean reported = false;
    try {
      for (long flushes = 1; !closed || !unwritten.isEmpty(); flushes++) {
        awaitGroup();
        List<LoggedQuery> queries = new ArrayList<>();
        Optional<Exception> failure = tryToWrite(queries, flushes % TRIM_EVERY_FLUSHES == 0);
        if (failure.isPresent()) {
          dropped.addAndGet(queries.size());
          if (!reported) {
            LOG.warn(
                "the prediction log cannot be written; feedback for these queries is joined only while they are in memory: {}",
                Database.words(failure.get()));
          }
        }
        reported = failure.isPresent();
        done.addAndGet(queries.size());
        tellWritten();
      }
    } catch (InterruptedException ending) {
      Thread.currentThread().interrupt();
    }
  }

  /** Until there is one, and then a while for others to be written with it. */
  private void awaitGroup() throws InterruptedException {
    first = unwritten.take();
    if (!closed && unwritten.size() < GROUP) {
      TimeUnit.NANOSECONDS.sleep(settings.flushInterval().toNanos());
    }
  }

  /** Whatever is wrong with one group is no reason to keep no other. */
  private Optional<Exception> tryToWrite(List<LoggedQuery> queries, boolean trim) {
    try {
      for (Map.Entry<LogPart, LoggedGroup> group : nextGroups(queries).entrySet()) {
        store.write(group.getKey(), group.getValue());
      }
      if (trim) {
        crowdedOutBytes.addAndGet(store.trim());
      }
      return Optional.empty();
    } catch (SQLException | RuntimeException failure) {
      return Optional.of(failure);
    }
  }

  /** Takes what waits, and makes groups of it that can be searched before they are written. */
  private Map<LogPart, LoggedGroup> nextGroups(List<LoggedQuery> queries) {
    Map<LogPart, LoggedGroup> groups = new TreeMap<>();
    synchronized (moving) {
      take(queries);
      queries.stream()
          .collect(Collectors.groupingBy(query -> new LogPart(query.application(), partitionOf(query.queryId()))))
          .forEach((part, own) -> groups.put(part, LoggedGroup.of(own)));
      groups.forEach(recent::add);
    }
    return groups;
  }

  @SuppressWarnings("ReferenceEquality") // the last is that very object
  private void take(List<LoggedQuery> queries) {
    Stream.ofNullable(first).forEach(queries::add);
    first = null;
    unwritten.drainTo(queries, GROUP - queries.size());
    queries.removeIf(query -> query == LAST);
    unwrittenBytes.addAndGet(-queries.stream().mapToLong(LoggedQuery::weight).sum());
  }

  private int partitionOf(long queryId) {
    return (int) (queryId % partitions);
  }
}
