package io.clipper.gateway.metrics;

import io.clipper.application.Prediction;
import io.micrometer.core.instrument.Clock;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What is counted of each application's requests. Meters are made once for each; recording one request builds no label. Those of an
 * application that is gone go before the next are made, so that their number has a bound.
 */
public final class RequestMeters {
  /** From 50 µs, below which no answer comes, to beyond the longest objectives in use. */
  private static final Duration[] BUCKETS = {
    micros(50), micros(100), micros(250), micros(500), micros(1_000), micros(2_500), micros(5_000), micros(10_000), micros(25_000),
    micros(50_000), micros(100_000), micros(250_000), micros(500_000), micros(1_000_000), micros(2_500_000)
  };

  private final MeterRegistry registry;
  private final Predicate<String> isKnown;
  private final LongSupplier nanoClock;
  private final Map<String, ApplicationMeters> byApplication = new ConcurrentHashMap<>();

  /** @param isKnown whether there is an application of that name */
  public RequestMeters(MeterRegistry registry, Predicate<String> isKnown, LongSupplier nanoClock) {
    this.registry = registry;
    this.isKnown = isKnown;
    this.nanoClock = nanoClock;
  }

  /** Of an application there is, or of {@link MetricNames#UNKNOWN}. */
  public ApplicationMeters of(String application) {
    ApplicationMeters known = byApplication.get(application);
    if (known != null) {
      return known;
    }
    tidy();
    return byApplication.computeIfAbsent(application, name -> new ApplicationMeters(name, registry, nanoClock));
  }

  /** Takes the meters of the applications that are gone from the registry. */
  public void tidy() {
    byApplication.keySet().forEach(name -> byApplication.computeIfPresent(name, this::unlessGone));
  }

  private @Nullable ApplicationMeters unlessGone(String name, ApplicationMeters meters) {
    if (name.equals(MetricNames.UNKNOWN) || isKnown.test(name)) {
      return meters;
    }
    meters.all().forEach(registry::remove);
    return null;
  }

  Map<String, ApplicationMeters> all() {
    return byApplication;
  }

  MeterRegistry registry() {
    return registry;
  }

  long now() {
    return nanoClock.getAsLong();
  }

  private static Duration micros(long micros) {
    return Duration.ofNanos(micros * 1000);
  }

  /** One application's. */
  public static final class ApplicationMeters {
    private final Map<Protocol, Map<Outcome, Counter>> predictions = new EnumMap<>(Protocol.class);
    private final Map<Outcome, Counter> updates = new EnumMap<>(Outcome.class);
    private final Timer duration;
    private final LatencyWindow latencies = new LatencyWindow();
    private final Rate rate;
    private final LongAdder answers = new LongAdder();
    private final LongAdder defaults = new LongAdder();
    private final LongAdder failures = new LongAdder();
    private final LongAdder failedNanos = new LongAdder();
    private final LongAdder known = new LongAdder();
    private final LongAdder knownNanos = new LongAdder();
    private final Clock clock;
    private volatile long lastMillis;

    private ApplicationMeters(String application, MeterRegistry registry, LongSupplier nanoClock) {
      for (Protocol protocol : Protocol.values()) {
        Map<Outcome, Counter> counters = new EnumMap<>(Outcome.class);
        for (Outcome outcome : Outcome.values()) {
          String[] tags = {MetricNames.APP, application, MetricNames.PROTOCOL, protocol.label(), MetricNames.OUTCOME, outcome.label()};
          counters.put(outcome, registry.counter(MetricNames.REQUESTS, tags));
        }
        predictions.put(protocol, counters);
      }
      for (Outcome outcome : Outcome.values()) {
        updates.put(outcome, registry.counter(MetricNames.FEEDBACK, MetricNames.APP, application, MetricNames.OUTCOME, outcome.label()));
      }
      duration = Timer.builder(MetricNames.REQUEST_DURATION).tag(MetricNames.APP, application).serviceLevelObjectives(BUCKETS).register(registry);
      rate = new Rate(nanoClock);
      clock = registry.config().clock();
    }

    /** One prediction, of which a batch has several. */
    public void predicted(Protocol protocol, Outcome outcome, long nanos) {
      count(predictions.getOrDefault(protocol, Map.of()), outcome);
      if (outcome == Outcome.ERROR) {
        failures.increment();
        failedNanos.add(nanos);
      }
      if (outcome == Outcome.INVALID || outcome == Outcome.ERROR) {
        return;
      }
      lastMillis = clock.wallTime();
      duration.record(nanos, TimeUnit.NANOSECONDS);
      latencies.add(nanos / 1000);
      rate.mark();
      answers.increment();
      if (outcome.isDefault()) {
        defaults.increment();
      }
    }

    /** One that was answered, be it with the default output. */
    public void predicted(Protocol protocol, Prediction prediction, long nanos) {
      predicted(protocol, Outcome.of(prediction), nanos);
      if (prediction.isKnown()) {
        known.increment();
        knownNanos.add(nanos);
      }
    }

    public void updated(Outcome outcome) {
      count(updates, outcome);
    }

    private List<Meter> all() {
      List<Meter> all = new ArrayList<>(updates.values());
      predictions.values().forEach(counters -> all.addAll(counters.values()));
      all.add(duration);
      return all;
    }

    private static void count(Map<Outcome, Counter> counters, Outcome outcome) {
      Counter counter = counters.get(outcome);
      if (counter != null) {
        counter.increment();
      }
    }

    LatencyWindow latencies() {
      return latencies;
    }

    Rate rate() {
      return rate;
    }

    /** Predictions that ended in a fault of ours. */
    public long failures() {
      return failures.sum();
    }

    /** What those took, together. */
    public long failedNanos() {
      return failedNanos.sum();
    }

    /** Predictions for which no model had to compute anything. */
    public long known() {
      return known.sum();
    }

    /** What those took, together. */
    public long knownNanos() {
      return knownNanos.sum();
    }

    /** When the last prediction was answered, since 1970; 0 where none was. */
    public long lastMillis() {
      return lastMillis;
    }

    long answers() {
      return answers.sum();
    }

    long defaults() {
      return defaults.sum();
    }
  }
}
