package io.clipper.gateway.oip;

import static io.clipper.gateway.oip.SumsOverHttp.data;
import static io.clipper.gateway.oip.SumsOverHttp.error;
import static io.clipper.gateway.oip.SumsOverHttp.sums;
import static io.clipper.gateway.oip.SumsOverHttp.texts;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.clipper.catalog.CatalogChange;
import io.clipper.gateway.Readiness;
import io.clipper.gateway.TestGateway;
import io.clipper.gateway.metrics.MetricNames;
import io.clipper.model.Datatype;
import io.clipper.model.ModelId;
import io.clipper.replica.BatchTally;
import io.clipper.replica.ModelReplicaActor;
import io.clipper.replica.ReplicaMeters;
import io.micrometer.core.instrument.Tags;
import java.net.http.HttpRequest;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What the protocol says over HTTP of the server, its models, and what they have done; and the little of it that may be changed. */
class CatalogueTest {
  private final SumsOverHttp http = new SumsOverHttp();
  private final TestGateway gateway = http.gateway;

  @AfterEach
  void close() {
    http.close();
  }

  @Test
  void healthSaysBothWhatTheAuthoritiesAskFor() {
    assertThat(gateway.get(gateway.queries("/v2/health/live")).body()).isEqualTo("{\"live\":true}");
    assertThat(gateway.get(gateway.queries("/v2/health/ready?test_1=1")).body()).isEqualTo("{\"live\":true,\"ready\":true}");
    gateway.clipper.readiness = new Readiness.NotReady("models are loading");
    assertThat(error(gateway.get(gateway.queries("/v2/health/ready")), 503)).isEqualTo("models are loading");
  }

  @Test
  void theServerNamesItsExtensionsWithOrWithoutASlash() {
    JsonNode server = gateway.get(gateway.queries("/v2")).json();
    assertThat(server.get("name").asText()).isEqualTo("clipper");
    assertThat(texts(server.get("extensions"))).contains("binary_tensor_data", "statistics", "classification");
    assertThat(gateway.get(gateway.queries("/v2/")).json()).isEqualTo(server);
  }

  @Test
  void metadataShowsABatchDimensionAndWhatTheModelAnswersWithBeforeAnyoneAsked() {
    JsonNode metadata = gateway.get(gateway.queries("/v2/models/sums")).json();
    assertThat(metadata.get("name").asText()).isEqualTo("sums");
    assertThat(texts(metadata.get("versions"))).containsExactly("1");
    assertThat(metadata.get("inputs").toString()).isEqualTo("[{\"name\":\"x\",\"datatype\":\"FP32\",\"shape\":[-1,-1]}]");
    assertThat(metadata.get("outputs").toString()).isEqualTo("[{\"name\":\"output\",\"datatype\":\"FP64\",\"shape\":[-1]}]");
    assertThat(gateway.clipper.queries).isEmpty();
    assertThat(gateway.get(gateway.queries("/v2/models/adder@model/versions/1")).json().get("inputs")).isEqualTo(metadata.get("inputs"));
  }

  @Test
  void applicationsAndModelsAreListed() {
    assertThat(gateway.get(gateway.queries("/v2/models")).body()).isEqualTo("{\"models\":[\"sums\",\"adder@model\"]}");
  }

  @Test
  void theConfigurationNamesTypesAsTritonDoes() {
    JsonNode config = gateway.get(gateway.queries("/v2/models/sums/config")).json();
    assertThat(config.get("max_batch_size").asInt()).isEqualTo(Rows.MOST);
    assertThat(config.get("input").get(0).get("data_type").asText()).isEqualTo("TYPE_FP32");
    assertThat(config.get("input").get(0).get("dims").toString()).isEqualTo("[-1]");
    assertThat(config.get("input").get(0).has("reshape")).isFalse();
    assertThat(Description.configured(Datatype.BYTES)).isEqualTo("TYPE_STRING");
  }

  @Test
  void statisticsCountWhatAnApplicationAnswered() {
    assertThat(gateway.get(gateway.queries("/v2/models/sums/stats")).json().get("model_stats").get(0).get("last_inference").asLong()).isZero();
    long before = System.currentTimeMillis();
    data(http.infer("sums", sums("[1,2,3,4]", "")), 0);
    JsonNode stats = gateway.get(gateway.queries("/v2/models/sums/stats")).json().get("model_stats").get(0);
    assertThat(stats.get("last_inference").asLong()).isBetween(before, System.currentTimeMillis());
    assertThat(stats.get("inference_count").asInt()).isEqualTo(2);
    JsonNode inference = stats.get("inference_stats");
    for (String key : List.of("success", "fail", "queue", "compute_input", "compute_infer", "compute_output", "cache_hit", "cache_miss")) {
      assertThat(inference.get(key).get("count").isIntegralNumber()).as(key).isTrue();
      assertThat(inference.get(key).get("ns").isIntegralNumber()).as(key).isTrue();
    }
    for (String counted : List.of("queue", "compute_input", "compute_infer", "compute_output")) {
      assertThat(inference.get(counted).get("count").asInt()).as(counted).isEqualTo(2);
    }
    assertThat(gateway.get(gateway.queries("/v2/models/stats")).json().get("model_stats").size()).isEqualTo(2);
  }

  @Test
  void whatWasKnownIsAHitOfItsApplicationAndNoInference() {
    data(http.infer("sums", sums("[1,2,3,4]", "")), 0);
    gateway.clipper.knows = true;
    data(http.infer("sums", sums("[1,2,3,4]", "")), 0);
    assertThat(gateway.query("/sums/predict", "{\"input\":[1,2]}").status()).isEqualTo(200);
    JsonNode stats = statistics("sums");
    assertThat(stats.get("inference_count").asInt()).isEqualTo(2);
    assertThat(stats.get("execution_count").asInt()).isEqualTo(2);
    assertThat(stats.get("batch_stats").isEmpty()).isTrue();
    assertThat(counted(stats, "success")).isEqualTo(5);
    assertThat(counted(stats, "queue")).isEqualTo(5);
    assertThat(counted(stats, "cache_hit")).isEqualTo(3);
    assertThat(counted(stats, "cache_miss")).isEqualTo(2);
    assertThat(counted(stats, "compute_infer")).isEqualTo(2);
    assertThat(nanos(stats, "cache_hit")).isPositive();
    assertThat(nanos(stats, "cache_hit") + nanos(stats, "cache_miss")).isEqualTo(nanos(stats, "success"));
  }

  @Test
  void aDefaultForWantOfModelsIsNoHit() {
    gateway.application("empty", "x:FP32[-1]");
    assertThat(http.infer("empty", sums("[1,2,3,4]", "")).status()).isEqualTo(200);
    assertThat(counted(statistics("empty"), "cache_hit")).isZero();
    assertThat(counted(statistics("empty"), "cache_miss")).isEqualTo(2);
  }

  @Test
  void statisticsOfAModelAreWhatItsCopiesCounted() {
    ModelId adder = new ModelId("adder", "1");
    ReplicaMeters meters = new ReplicaMeters(gateway.registry, adder);
    meters.cut(3);
    meters.predicted(2);
    meters.notPredicted(ModelReplicaActor.Reason.FAILED, 1_500);
    meters.notPredicted(ModelReplicaActor.Reason.OVERLOADED, 500);
    gateway.clipper.batches.put(adder, List.of(new BatchTally(1, 4, 400), new BatchTally(3, 1, 250)));
    JsonNode stats = statistics("adder@model");
    assertThat(counted(stats, "success")).isEqualTo(2);
    assertThat(counted(stats, "fail")).isEqualTo(2);
    assertThat(nanos(stats, "fail")).isEqualTo(2_000);
    JsonNode largest = stats.get("batch_stats").get(1);
    assertThat(largest.get("batch_size").asInt()).isEqualTo(3);
    assertThat(largest.get("compute_infer").toString()).isEqualTo("{\"count\":1,\"ns\":250}");
    assertThat(largest.get("compute_input").toString()).isEqualTo("{\"count\":1,\"ns\":0}");
    assertThat(stats.get("batch_stats").size()).isEqualTo(2);
  }

  private JsonNode statistics(String model) {
    return gateway.get(gateway.queries("/v2/models/%s/stats".formatted(model))).json().get("model_stats").get(0);
  }

  private static long counted(JsonNode stats, String what) {
    return stats.get("inference_stats").get(what).get("count").asLong();
  }

  private static long nanos(JsonNode stats, String what) {
    return stats.get("inference_stats").get(what).get("ns").asLong();
  }

  @Test
  void statisticsOfAnApplicationCountWhatFailed() {
    gateway.clipper.fault = Optional.of(new IllegalArgumentException("a bug"));
    assertThat(http.infer("sums", sums("[1,2,3,4]", "")).status()).isEqualTo(500);
    JsonNode fail = gateway.get(gateway.queries("/v2/models/sums/stats")).json().get("model_stats").get(0).get("inference_stats").get("fail");
    assertThat(fail.get("count").asInt()).isEqualTo(2);
    assertThat(fail.get("ns").asLong()).isPositive();
  }

  @Test
  void statisticsOfAModelTellWhenItComputedLast() {
    AtomicLong seconds = new AtomicLong(1_700_000_000);
    gateway.registry.gauge(MetricNames.LAST_INFERENCE, Tags.of(MetricNames.MODEL, "adder", MetricNames.VERSION, "1"), seconds);
    JsonNode stats = gateway.get(gateway.queries("/v2/models/adder@model/stats")).json().get("model_stats").get(0);
    assertThat(stats.get("last_inference").asLong()).isEqualTo(seconds.get() * 1000);
  }

  @Test
  void theRepositoryIsListedAndAModelsReplicasComeAndGo() {
    gateway.startedByNodes("adder");
    String index = gateway.query("/v2/repository/index", "").body();
    assertThat(index).contains("{\"name\":\"adder@model\",\"version\":\"1\",\"state\":\"READY\",\"reason\":\"\"}");
    assertThat(gateway.query("/v2/repository/models/adder@model/unload", "{\"parameters\":{\"unload_dependents\":false}}").status()).isEqualTo(200);
    assertThat(gateway.query("/v2/repository/index", "{\"ready\":true}").body()).doesNotContain("adder@model");
    assertThat(error(gateway.get(gateway.queries("/v2/models/adder@model/ready")), 503)).contains("not ready");
    assertThat(gateway.query("/v2/repository/models/adder@model/load", "{}").status()).isEqualTo(200);
    assertThat(gateway.get(gateway.queries("/v2/models/adder@model/ready")).json().get("ready").asBoolean()).isTrue();
    for (String verb : List.of("load", "unload")) {
      assertThat(error(gateway.query("/v2/repository/models/nope/" + verb, ""), 404)).startsWith("failed to " + verb + " 'nope', Request for unknown model");
    }
    assertThat(error(gateway.query("/v2/repository/index", "{\"ready\":3}"), 400)).contains("ready");
    String file = "{\"parameters\":{\"config\":\"{}\",\"file:1/model.onnx\":\"AAAA\"}}";
    assertThat(error(gateway.query("/v2/repository/models/adder/load", file), 501)).contains("failed to load");
  }

  @Test
  void aModelThatIsLoadedAgainHasTheReplicasThatItHad() {
    gateway.startedByNodes("adder");
    gateway.clipper.change(new CatalogChange.SetReplicas("adder", 3)).toCompletableFuture().join();
    assertThat(gateway.query("/v2/repository/models/adder/unload", "").status()).isEqualTo(200);
    assertThat(gateway.clipper.model("adder").orElseThrow().replicas()).isZero();
    assertThat(gateway.query("/v2/repository/models/adder/load", "").status()).isEqualTo(200);
    assertThat(gateway.clipper.model("adder").orElseThrow().replicas()).isEqualTo(3);
  }

  @Test
  void aModelWhoseWorkersAnnounceThemselvesIsNeitherLoadedNorUnloaded() {
    assertThat(error(gateway.query("/v2/repository/models/adder@model/unload", ""), 409)).contains("Cannot resize the replica set for containerless model 'adder'");
    assertThat(gateway.get(gateway.queries("/v2/models/adder@model/ready")).json().get("ready").asBoolean()).isTrue();
  }

  @Test
  void aPageOfAnotherSiteDoesNotUnload() {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(gateway.queries("/v2/repository/models/adder@model/unload"))
            .header("Origin", "http://evil.example")
            .POST(HttpRequest.BodyPublishers.noBody());
    assertThat(error(gateway.send(request), 403)).contains("evil.example");
  }

  @Test
  void traceAndLogSettingsAreReadAndNotChanged() {
    assertThat(gateway.get(gateway.queries("/v2/trace/setting")).body()).isEqualTo("{\"trace_level\":[\"OFF\"]}");
    assertThat(gateway.get(gateway.queries("/v2/logging")).body()).isEqualTo("{}");
    assertThat(error(gateway.query("/v2/logging", "{\"log_info\":false}"), 501)).contains("cannot be changed");
  }
}
