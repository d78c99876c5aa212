package io.clipper.replica;

import io.clipper.batch.BatchLimit;
import io.clipper.model.ModelId;
import io.micrometer.core.instrument.Clock;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/** The work of one version's replicas on this node in a registry. The names follow the phases that serving systems share: queue, compute, batch. */
public final class ReplicaMeters implements ReplicaMetrics {
  public static final String QUEUE_DURATION = "clipper.queue.duration";
  public static final String COMPUTE_DURATION = "clipper.compute.duration";
  public static final String BATCH_SIZE = "clipper.batch.size";
  /** When a batch came back last, in seconds since 1970. */
  public static final String LAST_INFERENCE = "clipper.last.inference";
  /** One for each reason: the largest of the copies that are limited for it, 0 where none is. */
  public static final String BATCH_LIMIT = "clipper.batch.limit";
  /** Rows that wait, at all copies together. */
  public static final String PENDING = "clipper.pending.requests";
  public static final String LATE = "clipper.late";
  /** Rows that came back with an output. */
  public static final String PREDICTED = "clipper.predicted";
  public static final String NOT_PREDICTED = "clipper.not.predicted";
  /** How long those were in the queue or with the model, together: seconds. */
  public static final String NOT_PREDICTED_TIME = "clipper.not.predicted.time";
  /** Copies by state. */
  public static final String REPLICAS = "clipper.replicas";
  /** Batches that are with the model, of all copies together. */
  public static final String INFLIGHT = "clipper.inflight.batches";
  /** From when a copy is wanted until it is warm. */
  public static final String LOAD_DURATION = "clipper.model.load.duration";
  /** How often a copy stopped by itself. */
  public static final String RESTARTS = "clipper.replica.restarts";

  /** From 50 µs, where an in-process model lives, to the longest objective that is sensible. */
  private static final Duration[] BUCKETS = {
    Duration.ofNanos(50_000), Duration.ofNanos(100_000), Duration.ofNanos(250_000), Duration.ofNanos(500_000), Duration.ofMillis(1),
    Duration.ofNanos(2_500_000), Duration.ofMillis(5), Duration.ofMillis(10), Duration.ofMillis(25), Duration.ofMillis(50),
    Duration.ofMillis(100), Duration.ofMillis(250), Duration.ofMillis(500), Duration.ofSeconds(1), Duration.ofMillis(2500)
  };

  /** From a small graph to a Python environment that is built first. */
  private static final Duration[] LOAD_BUCKETS = {
    Duration.ofMillis(10), Duration.ofMillis(100), Duration.ofMillis(500), Duration.ofSeconds(1), Duration.ofSeconds(5), Duration.ofSeconds(10),
    Duration.ofSeconds(30), Duration.ofMinutes(1), Duration.ofMinutes(5)
  };

  private final MeterRegistry registry;
  private final Tags tags;
  private final Timer queue;
  private final Timer compute;
  private final DistributionSummary batch;
  private final Counter late;
  private final Counter predicted;
  private final Map<ModelReplicaActor.Reason, Counter> notPredicted = new EnumMap<>(ModelReplicaActor.Reason.class);
  private final Counter notPredictedTime;
  /** By their rows: too many for a registry's labels. */
  private final Map<Integer, Tally> batches = new ConcurrentSkipListMap<>();
  /** By the copy whose they are. */
  private final Map<Object, Gauges> gauges = new ConcurrentHashMap<>();
  private final Map<ReplicaStatus.State, AtomicInteger> copies = new EnumMap<>(ReplicaStatus.State.class);
  private final Counter restarts;
  private final Timer load;
  private final Clock clock;
  private final AtomicLong lastMillis;

  public ReplicaMeters(MeterRegistry registry, ModelId model) {
    this.registry = registry;
    tags = Tags.of("model_name", model.name(), "model_version", model.version());
    queue = timer(QUEUE_DURATION, tags, registry);
    compute = timer(COMPUTE_DURATION, tags, registry);
    batch =
        DistributionSummary.builder(BATCH_SIZE).tags(tags).serviceLevelObjectives(1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024).register(registry);
    late = Counter.builder(LATE).tags(tags).register(registry);
    predicted = Counter.builder(PREDICTED).tags(tags).register(registry);
    for (ModelReplicaActor.Reason reason : ModelReplicaActor.Reason.values()) {
      Tags reasoned = tags.and("reason", reason.name().toLowerCase(Locale.ROOT));
      notPredicted.put(reason, Counter.builder(NOT_PREDICTED).tags(reasoned).register(registry));
    }
    notPredictedTime = Counter.builder(NOT_PREDICTED_TIME).baseUnit("seconds").tags(tags).register(registry);
    for (BatchLimit.Reason reason : BatchLimit.Reason.values()) {
      Gauge.builder(BATCH_LIMIT, gauges, all -> limit(all.values(), reason))
          .tags(tags.and("reason", reason.name().toLowerCase(Locale.ROOT)))
          .register(registry);
    }
    for (ReplicaStatus.State state : ReplicaStatus.State.values()) {
      AtomicInteger count = new AtomicInteger();
      copies.put(state, count);
      Gauge.builder(REPLICAS, count, AtomicInteger::get).tags(tags.and("state", state.name().toLowerCase(Locale.ROOT))).register(registry);
    }
    clock = registry.config().clock();
    lastMillis = new AtomicLong();
    Gauge.builder(LAST_INFERENCE, lastMillis, millis -> millis.get() / 1000.0).baseUnit("seconds").tags(tags).register(registry);
    restarts = Counter.builder(RESTARTS).tags(tags).register(registry);
    load = Timer.builder(LOAD_DURATION).tags(tags).serviceLevelObjectives(LOAD_BUCKETS).register(registry);
    Gauge.builder(INFLIGHT, gauges, all -> all.values().stream().mapToInt(copy -> copy.underWay).sum()).tags(tags).register(registry);
    Gauge.builder(PENDING, gauges, all -> all.values().stream().mapToInt(copy -> copy.pending).sum()).tags(tags).register(registry);
  }

  @Override
  public void cut(int rows) {
    batch.record(rows);
  }

  @Override
  public void waited(long nanos) {
    queue.record(nanos, TimeUnit.NANOSECONDS);
  }

  @Override
  public void computed(int rows, long nanos) {
    compute.record(nanos, TimeUnit.NANOSECONDS);
    lastMillis.set(clock.wallTime());
    Tally tally = batches.computeIfAbsent(rows, size -> new Tally(new LongAdder(), new LongAdder()));
    tally.batches().increment();
    tally.nanos().add(nanos);
  }

  /** Of each size that came back, the smallest first. */
  public List<BatchTally> batches() {
    return batches.entrySet().stream().map(size -> new BatchTally(size.getKey(), size.getValue().batches().sum(), size.getValue().nanos().sum())).toList();
  }

  @Override
  public void late(int rows) {
    late.increment(rows);
  }

  @Override
  public void predicted(int rows) {
    predicted.increment(rows);
  }

  @Override
  public void notPredicted(ModelReplicaActor.Reason reason, long nanos) {
    Counter counter = notPredicted.get(reason);
    if (counter != null) {
      counter.increment();
    }
    notPredictedTime.increment(nanos / 1e9);
  }

  @Override
  public void pending(Object copy, int rows) {
    of(copy).pending = rows;
  }

  @Override
  public void underWay(Object copy, int batches) {
    of(copy).underWay = batches;
  }

  @Override
  public void limited(Object copy, BatchLimit limit) {
    of(copy).limit = limit;
  }

  @Override
  public void gone(Object copy) {
    gauges.remove(copy);
  }

  private Gauges of(Object copy) {
    return gauges.computeIfAbsent(copy, ignored -> new Gauges());
  }

  private static int limit(Collection<Gauges> copies, BatchLimit.Reason reason) {
    int largest = 0;
    for (Gauges copy : copies) {
      BatchLimit limit = copy.limit;
      if (limit != null && limit.reason() == reason) {
        largest = Math.max(largest, limit.rows());
      }
    }
    return largest;
  }

  @Override
  public void copies(Map<ReplicaStatus.State, Integer> states) {
    copies.forEach((state, count) -> count.set(states.getOrDefault(state, 0)));
  }

  @Override
  public void restarted() {
    restarts.increment();
  }

  @Override
  public void loaded(long nanos) {
    load.record(nanos, TimeUnit.NANOSECONDS);
  }

  /** Takes all that is of this version alone from the registry; what is an application's too has a label more for that. */
  void remove() {
    registry.getMeters().stream().filter(meter -> isOfThis(meter.getId())).forEach(registry::remove);
  }

  private boolean isOfThis(Meter.Id id) {
    return id.getTag("app") == null && tags.stream().allMatch(tag -> tag.getValue().equals(id.getTag(tag.getKey())));
  }

  /** What one copy told last. */
  private static final class Gauges {
    private volatile int pending;
    private volatile int underWay;
    private volatile @Nullable BatchLimit limit;
  }

  private record Tally(LongAdder batches, LongAdder nanos) {}

  private static Timer timer(String name, Tags tags, MeterRegistry registry) {
    return Timer.builder(name).tags(tags).serviceLevelObjectives(BUCKETS).register(registry);
  }
}
