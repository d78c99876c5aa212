package io.clipper.gateway.metrics;

import com.fasterxml.jackson.core.JsonGenerator;
import io.clipper.gateway.Json;
import io.clipper.gateway.metrics.LatencyWindow.Summary;
import io.clipper.gateway.metrics.RequestMeters.ApplicationMeters;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Measurement;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.io.IOException;
import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.apache.pekko.util.ByteString;
import org.jspecify.annotations.Nullable;

/** The original's {@code /metrics} from the same meters as the Prometheus page: its names and its four groups, with numbers as numbers. */
public final class OriginalMetrics {
  private final RequestMeters meters;

  public OriginalMetrics(RequestMeters meters) {
    this.meters = meters;
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
    double lookups = sum(registry.find(MetricNames.CACHE_LOOKUPS).meters());
    double hits = sum(registry.find(MetricNames.CACHE_LOOKUPS).tag(MetricNames.RESULT, "hit").meters());

    json.writeStartObject();
    json.writeObjectFieldStart("counters");
    for (var application : applications.entrySet()) {
      writeOne(json, "app:" + application.getKey() + ":num_predictions", "count", (double) application.getValue().answers());
    }
    for (DistributionSummary batch : batches) {
      writeOne(json, model(batch.getId().getTag(MetricNames.MODEL), batch.getId().getTag(MetricNames.VERSION), "num_predictions"), "count", batch.totalAmount());
    }
    writeOne(json, "internal:prediction_cache_lookups", "count", lookups);
    writeOne(json, "internal:aggregate_num_predictions", "count", batches.stream().mapToDouble(DistributionSummary::totalAmount).sum());
    json.writeEndObject();

    json.writeObjectFieldStart("ratio_counters");
    for (var application : applications.entrySet()) {
      double ratio = (double) application.getValue().defaults() / application.getValue().answers();
      writeOne(json, "app:" + application.getKey() + ":default_prediction_ratio", "ratio", ratio);
    }
    writeOne(json, "internal:prediction_cache_hit_ratio", "ratio", hits / lookups);
    json.writeEndObject();

    json.writeObjectFieldStart("meters");
    for (var application : applications.entrySet()) {
      writeRate(json, "app:" + application.getKey() + ":prediction_throughput", application.getValue().rate());
    }
    json.writeEndObject();

    json.writeObjectFieldStart("histograms");
    for (var application : applications.entrySet()) {
      writeSummary(json, "app:" + application.getKey() + ":prediction_latency", application.getValue().latencies().summary());
    }
    for (Timer timer : models) {
      String name = model(timer.getId().getTag(MetricNames.MODEL), timer.getId().getTag(MetricNames.VERSION), "prediction_latency");
      writeMeans(json, name, "microseconds", timer.count(), timer.mean(TimeUnit.MICROSECONDS), timer.max(TimeUnit.MICROSECONDS));
    }
    for (DistributionSummary batch : batches) {
      String name = model(batch.getId().getTag(MetricNames.MODEL), batch.getId().getTag(MetricNames.VERSION), "batch_size");
      writeMeans(json, name, "queries", batch.count(), batch.mean(), batch.max());
    }
    json.writeEndObject();
    json.writeEndObject();
  }

  private static String model(@Nullable String name, @Nullable String version, String metric) {
    return "model:%s:%s:%s".formatted(name, version, metric);
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

  private static void writeSummary(JsonGenerator json, String name, Summary summary) throws IOException {
    json.writeObjectFieldStart(name);
    json.writeStringField("unit", "microseconds");
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

  private static void writeMeans(JsonGenerator json, String name, String unit, long size, double mean, double max) throws IOException {
    json.writeObjectFieldStart(name);
    json.writeStringField("unit", unit);
    json.writeNumberField("size", size);
    writeNumber(json, "mean", mean);
    writeNumber(json, "max", max);
    json.writeEndObject();
  }
}
