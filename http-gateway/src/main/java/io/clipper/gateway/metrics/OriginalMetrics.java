package io.clipper.gateway.metrics;

import com.fasterxml.jackson.core.JsonGenerator;
import io.clipper.gateway.Json;
import io.clipper.gateway.metrics.LatencyWindow.Summary;
import io.clipper.gateway.metrics.RequestMeters.ApplicationMeters;
import io.clipper.model.ModelId;
import io.clipper.replica.BatchTally;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Measurement;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.search.Search;
import java.io.IOException;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.pekko.util.ByteString;

/** The original's {@code /metrics} from the same meters as the Prometheus page: its names and its four groups, with numbers as numbers. */
public final class OriginalMetrics {
  private static final String AGGREGATE_THROUGHPUT = "internal:aggregate_model_throughput";

  private final RequestMeters meters;
  private final Function<ModelId, List<BatchTally>> batchSizes;
  private final Throughputs throughputs;

  /** @param batchSizes of a version's batches, by their size */
  public OriginalMetrics(RequestMeters meters, Function<ModelId, List<BatchTally>> batchSizes) {
    this.meters = meters;
    this.batchSizes = batchSizes;
    this.throughputs = new Throughputs(meters::now);
  }

  public ByteString json() {
    meters.tidy();
    Map<String, ApplicationMeters> applications = new TreeMap<>(meters.all());
    applications.remove(MetricNames.UNKNOWN);
    return Json.write(json -> write(json, applications));
  }

  private void write(JsonGenerator json, Map<String, ApplicationMeters> applications) throws IOException {
    MeterRegistry registry = meters.registry();
    Collection<Timer> models = registry.find(MetricNames.COMPUTE_DURATION).timers();
    Collection<DistributionSummary> batches = registry.find(MetricNames.BATCH_SIZE).summaries();
    Map<String, Long> predictions = new TreeMap<>();
    batches.forEach(batch -> predictions.put(model(batch, "prediction_throughput"), (long) batch.totalAmount()));
    predictions.put(AGGREGATE_THROUGHPUT, predictions.values().stream().mapToLong(count -> count).sum());
    Set<ModelId> looked = registry.find(MetricNames.CACHE_LOOKUPS).meters().stream().map(OriginalMetrics::id).collect(Collectors.toCollection(TreeSet::new));
    double lookups = sum(registry.find(MetricNames.CACHE_LOOKUPS).meters());
    double hits = sum(registry.find(MetricNames.CACHE_LOOKUPS).tag(MetricNames.RESULT, "hit").meters());

    json.writeStartObject();
    json.writeObjectFieldStart("counters");
    for (var application : applications.entrySet()) {
      writeOne(json, "app:" + application.getKey() + ":num_predictions", "count", (double) application.getValue().answers());
    }
    for (DistributionSummary batch : batches) {
      writeOne(json, model(batch, "num_predictions"), "count", batch.totalAmount());
    }
    writeOne(json, "internal:prediction_cache_lookups", "count", lookups);
    writeOne(json, "internal:aggregate_num_predictions", "count", predictions.getOrDefault(AGGREGATE_THROUGHPUT, 0L));
    json.writeEndObject();

    json.writeObjectFieldStart("ratio_counters");
    for (var application : applications.entrySet()) {
      double ratio = (double) application.getValue().defaults() / application.getValue().answers();
      writeOne(json, "app:" + application.getKey() + ":default_prediction_ratio", "ratio", ratio);
    }
    for (ModelId model : looked) {
      writeOne(json, "model:%s:cache_hit_ratio".formatted(model), "ratio", hitRatio(model));
    }
    writeOne(json, "internal:prediction_cache_hit_ratio", "ratio", hits / lookups);
    json.writeEndObject();

    json.writeObjectFieldStart("meters");
    for (var application : applications.entrySet()) {
      writeRate(json, "app:" + application.getKey() + ":prediction_throughput", application.getValue().rate());
    }
    for (var counted : predictions.entrySet()) {
      writeRate(json, counted.getKey(), throughputs.of(counted.getKey(), counted.getValue()));
    }
    throughputs.keepOnly(predictions.keySet());
    json.writeEndObject();

    json.writeObjectFieldStart("histograms");
    for (var application : applications.entrySet()) {
      writeSummary(json, "app:" + application.getKey() + ":prediction_latency", "microseconds", application.getValue().latencies().summary());
    }
    for (Timer timer : models) {
      writeBuckets(json, model(timer, "prediction_latency"), Buckets.of(List.of(timer)));
    }
    for (DistributionSummary batch : batches) {
      writeSummary(json, model(batch, "batch_size"), "queries", sizes(id(batch)));
    }
    writeBuckets(json, "internal:rpc_request_queueing_delay", Buckets.of(registry.find(MetricNames.QUEUE_DURATION).timers()));
    json.writeEndObject();
    json.writeEndObject();
  }

  private static String model(Meter meter, String metric) {
    return "model:%s:%s".formatted(id(meter), metric);
  }

  private static ModelId id(Meter meter) {
    return new ModelId(String.valueOf(meter.getId().getTag(MetricNames.MODEL)), String.valueOf(meter.getId().getTag(MetricNames.VERSION)));
  }

  private double hitRatio(ModelId model) {
    Search lookups = meters.registry().find(MetricNames.CACHE_LOOKUPS).tags(MetricNames.MODEL, model.name(), MetricNames.VERSION, model.version());
    double all = sum(lookups.meters());
    return sum(lookups.tag(MetricNames.RESULT, "hit").meters()) / all;
  }

  private Summary sizes(ModelId model) {
    SortedMap<Long, Long> counts = new TreeMap<>();
    batchSizes.apply(model).forEach(tally -> counts.put((long) tally.rows(), tally.batches()));
    return Summary.of(counts);
  }

  private static double sum(Collection<Meter> counters) {
    double sum = 0;
    for (Meter counter : counters) {
      for (Measurement measurement : counter.measure()) {
        sum += measurement.getValue();
      }
    }
    return sum;
  }

  /** Null where nothing can be said: the original writes "nan" for a ratio of nothing. */
  private static void writeOne(JsonGenerator json, String name, String field, double value) throws IOException {
    json.writeObjectFieldStart(name);
    writeNumber(json, field, value);
    json.writeEndObject();
  }

  private static void writeNumber(JsonGenerator json, String field, double value) throws IOException {
    json.writeFieldName(field);
    if (!Double.isFinite(value)) {
      json.writeNull();
    } else if (value == Math.rint(value)) {
      json.writeNumber((long) value);
    } else {
      json.writeNumber(value);
    }
  }

  private static void writeRate(JsonGenerator json, String name, Rate rate) throws IOException {
    json.writeObjectFieldStart(name);
    json.writeStringField("unit", "events per second");
    writeNumber(json, "rate", rate.overall());
    writeNumber(json, "rate_1min", rate.over(1));
    writeNumber(json, "rate_5min", rate.over(5));
    writeNumber(json, "rate_15min", rate.over(15));
    json.writeEndObject();
  }

  private static void writeSummary(JsonGenerator json, String name, String unit, Summary summary) throws IOException {
    json.writeObjectFieldStart(name);
    json.writeStringField("unit", unit);
    json.writeNumberField("size", summary.size());
    json.writeNumberField("min", summary.min());
    json.writeNumberField("max", summary.max());
    writeNumber(json, "mean", summary.mean());
    writeNumber(json, "std_dev", summary.deviation());
    writeNumber(json, "p50", summary.p50());
    writeNumber(json, "p95", summary.p95());
    writeNumber(json, "p99", summary.p99());
    json.writeEndObject();
  }

  private static void writeBuckets(JsonGenerator json, String name, Buckets buckets) throws IOException {
    json.writeObjectFieldStart(name);
    json.writeStringField("unit", "microseconds");
    json.writeNumberField("size", buckets.size());
    writeNumber(json, "max", buckets.max());
    writeNumber(json, "mean", buckets.mean());
    writeNumber(json, "p50", buckets.percentile(0.5));
    writeNumber(json, "p95", buckets.percentile(0.95));
    writeNumber(json, "p99", buckets.percentile(0.99));
    json.writeEndObject();
  }
}
