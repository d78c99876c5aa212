package io.clipper.gateway.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.clipper.model.ModelId;
import io.clipper.replica.BatchTally;
import io.clipper.replica.ReplicaMeters;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** The original's names of models' numbers, as the node that computes them counts. */
class OriginalMetricsTest {
  private static final ModelId MODEL = new ModelId("m", "1");

  private final AtomicLong nanos = new AtomicLong();
  private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final ReplicaMeters replicas = new ReplicaMeters(registry, MODEL);
  private final OriginalMetrics metrics = new OriginalMetrics(new RequestMeters(registry, name -> true, nanos::get), id -> id.equals(MODEL) ? replicas.batches() : List.of());

  @Test
  void aModelsThroughputIsByWhatItGrewBetweenTwoLooks() throws IOException {
    batch(50, 1);
    nanos.addAndGet(TimeUnit.SECONDS.toNanos(10));
    JsonNode first = json().at("/meters/model:m:1:prediction_throughput");
    assertThat(first.get("unit").asText()).isEqualTo("events per second");
    assertThat(first.get("rate").doubleValue()).isEqualTo(5);
    assertThat(first.get("rate_1min").doubleValue()).isEqualTo(5);

    nanos.addAndGet(TimeUnit.SECONDS.toNanos(60));
    JsonNode later = json().get("meters");
    assertThat(later.at("/model:m:1:prediction_throughput/rate_1min").doubleValue()).isCloseTo(5 / Math.E, within(1e-9));
    assertThat(later.get("internal:aggregate_model_throughput")).isEqualTo(later.get("model:m:1:prediction_throughput"));
  }

  @Test
  void aCountThatBeginsAnewHasARateOfItsOwn() {
    Throughputs throughputs = new Throughputs(nanos::get);
    throughputs.of("a", 1000);
    nanos.addAndGet(TimeUnit.SECONDS.toNanos(10));
    throughputs.of("a", 0);
    nanos.addAndGet(TimeUnit.SECONDS.toNanos(10));

    assertThat(throughputs.of("a", 20).overall()).isEqualTo(2);
  }

  @Test
  void batchSizesAreOfAllBatches() throws IOException {
    batch(1, 1);
    batch(1, 1);
    batch(4, 1);
    batch(10, 1);

    JsonNode sizes = json().at("/histograms/model:m:1:batch_size");
    assertThat(sizes.get("unit").asText()).isEqualTo("queries");
    assertThat(sizes.get("size").intValue()).isEqualTo(4);
    assertThat(sizes.get("min").intValue()).isEqualTo(1);
    assertThat(sizes.get("max").intValue()).isEqualTo(10);
    assertThat(sizes.get("mean").doubleValue()).isEqualTo(4);
    assertThat(sizes.get("std_dev").doubleValue()).isCloseTo(Math.sqrt(13.5), within(1e-9));
    assertThat(sizes.get("p50").intValue()).isEqualTo(1);
    assertThat(sizes.get("p95").intValue()).isEqualTo(10);
    assertThat(replicas.batches()).contains(new BatchTally(1, 2, 2_000_000));
  }

  @Test
  void latenciesAreTakenForEvenWithinTheirBuckets() throws IOException {
    for (int i = 0; i < 10; i++) {
      batch(1, i < 5 ? 2 : 4);
      replicas.waited(TimeUnit.MILLISECONDS.toNanos(4));
    }

    JsonNode latency = json().at("/histograms/model:m:1:prediction_latency");
    assertThat(latency.get("size").intValue()).isEqualTo(10);
    assertThat(latency.get("mean").doubleValue()).isCloseTo(3000, within(1e-6));
    assertThat(latency.get("max").doubleValue()).isCloseTo(4000, within(1e-6));
    assertThat(latency.get("p50").doubleValue()).isCloseTo(2500, within(1e-6));
    assertThat(latency.get("p95").doubleValue()).isCloseTo(2500 + 2500 * 0.9, within(1e-6));
    JsonNode queueing = json().at("/histograms/internal:rpc_request_queueing_delay");
    assertThat(queueing.get("size").intValue()).isEqualTo(10);
    assertThat(queueing.get("p50").doubleValue()).isCloseTo(3750, within(1e-6));
  }

  @Test
  void beyondTheLastBucketAPercentileIsItsBoundAndOfNothingItIsNothing() throws IOException {
    assertThat(json().at("/histograms/model:m:1:prediction_latency/p99").intValue()).isZero();
    batch(1, 60_000);
    assertThat(json().at("/histograms/model:m:1:prediction_latency/p99").doubleValue()).isCloseTo(2_500_000, within(1e-3));
  }

  @Test
  void aModelsHitsAreOfAllItsLookups() throws IOException {
    lookups("hit", 3);
    lookups("miss", 2);
    lookups("coalesced", 1);

    assertThat(json().at("/ratio_counters/model:m:1:cache_hit_ratio/ratio").doubleValue()).isEqualTo(0.5);
    assertThat(json().at("/counters/internal:prediction_cache_lookups/count").intValue()).isEqualTo(6);
  }

  private void lookups(String result, int count) {
    registry.counter(MetricNames.CACHE_LOOKUPS, "model_name", "m", "model_version", "1", "result", result).increment(count);
  }

  private void batch(int rows, int millis) {
    replicas.cut(rows);
    replicas.computed(rows, TimeUnit.MILLISECONDS.toNanos(millis));
  }

  private JsonNode json() throws IOException {
    return new JsonMapper().readTree(metrics.json().toArray());
  }
}
