package io.clipper.gateway.admin;

import static org.assertj.core.api.Assertions.assertThat;

import io.clipper.gateway.GatewaySettings;
import io.clipper.gateway.Readiness;
import io.clipper.gateway.TestGateway;
import io.clipper.gateway.TestGateway.Reply;
import java.net.http.HttpRequest;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Health, trust, and what can be asked of what runs. */
class AdminApiTest {
  private TestGateway gateway = new TestGateway();

  @AfterEach
  void close() {
    gateway.close();
  }

  @Test
  void pingIsAnsweredByPong() {
    assertThat(gateway.get(gateway.management("/admin/ping")).body()).isEqualTo("PONG");
  }

  @Test
  void readinessSaysWhatItWaitsFor() {
    assertThat(gateway.get(gateway.management("/health/live")).body()).isEqualTo("{\"live\":true}");
    assertThat(gateway.get(gateway.management("/health/ready")).body()).isEqualTo("{\"ready\":true}");
    gateway.clipper.readiness = new Readiness.NotReady("digits is loading");
    Reply reply = gateway.get(gateway.management("/health/ready"));
    assertThat(reply.status()).isEqualTo(503);
    assertThat(reply.body()).isEqualTo("{\"ready\":false,\"reason\":\"digits is loading\"}");
  }

  @Test
  void replicasAreShownAsTheOriginalsContainersToo() {
    gateway.model("m", "1", "ints");
    assertThat(gateway.admin("get_all_containers", "{\"verbose\":true}").body())
        .isEqualTo("[{\"model_id\":\"m:1\",\"model_name\":\"m\",\"model_version\":\"1\",\"model_replica_id\":0,\"input_type\":\"integers\"}]");
    String container = "{\"model_name\":\"m\",\"model_version\":\"1\",\"replica_id\":%d}";
    assertThat(gateway.admin("get_container", container.formatted(0)).json().get("model_id").asText()).isEqualTo("m:1");
    assertThat(gateway.admin("get_container", container.formatted(1)).body()).isEqualTo("{}");
    assertThat(gateway.admin("get_replicas", "").body())
        .isEqualTo(
            "[{\"model_name\":\"m\",\"model_version\":\"1\",\"replica\":0,\"node\":\"node-1\",\"state\":\"ready\",\"restarts\":0,\"last_error\":null,\"last_failure\":null,\"queue\":2,\"batch_limit\":16,\"remark\":null}]");
  }

  @Test
  void stateClusterAndCacheAreShown() {
    gateway.application("a", "ints");
    assertThat(gateway.admin("get_state", "{\"app_name\":\"a\",\"uid\":0,\"context\":\"anna\"}").body())
        .isEqualTo(
            "{\"policy\":\"exp4 of anna\",\"observations\":4,\"candidates\":[{\"model\":\"m\",\"version\":\"1\",\"weight\":0.75,\"observations\":4,\"mean_loss\":0.25}]}");
    assertThat(gateway.admin("get_state", "{\"app_name\":\"x\"}").status()).isEqualTo(404);
    assertThat(gateway.admin("get_cluster", "").body())
        .isEqualTo(
            "{\"self\":\"node-1\",\"shape\":\"one state node\",\"catalog_revision\":4,\"members\":[{\"address\":\"node-1\",\"status\":\"Up\",\"roles\":[\"application\"]}]}");
    assertThat(gateway.admin("clear_cache", "").body()).isEqualTo("{\"cleared\":true}");
  }

  @Test
  void thePrometheusPageCountsEachOutcome() {
    gateway.application("a", "ints");
    gateway.query("/a/predict", "{\"input\":[1]}");
    gateway.query("/a/predict", "{\"input\":[1.5]}");
    gateway.query("/nope/predict", "{\"input\":[1.5]}");
    Reply page = gateway.get(gateway.management("/metrics"));
    assertThat(page.header("Content-Type")).isEqualTo("text/plain; version=0.0.4; charset=UTF-8");
    assertThat(page.body())
        .contains("clipper_requests_total{app=\"a\",outcome=\"default\",protocol=\"clipper\"} 1.0")
        .contains("clipper_requests_total{app=\"a\",outcome=\"invalid\",protocol=\"clipper\"} 1.0")
        .contains("clipper_requests_total{app=\"\",outcome=\"invalid\",protocol=\"clipper\"} 1.0")
        .contains("clipper_request_duration_seconds_bucket{app=\"a\",le=\"+Inf\"} 1");
  }

  @Test
  void anApplicationThatIsGoneIsOnNoPageAnyMore() {
    gateway.application("a", "ints");
    gateway.application("b", "ints");
    gateway.query("/a/predict", "{\"input\":[1]}");
    gateway.query("/b/predict", "{\"input\":[1]}");
    gateway.query("/nope/predict", "{\"input\":[1]}");
    TestGateway.expectOk(gateway.admin("delete_app", "{\"name\":\"a\"}"));

    assertThat(gateway.get(gateway.management("/metrics")).body())
        .doesNotContain("app=\"a\"")
        .contains("clipper_requests_total{app=\"b\",outcome=\"default\",protocol=\"clipper\"} 1.0")
        .contains("clipper_requests_total{app=\"\",outcome=\"invalid\",protocol=\"clipper\"} 1.0");
    assertThat(gateway.get(gateway.queries("/metrics")).body()).doesNotContain("app:a:").contains("app:b:");
    gateway.application("a", "ints");
    gateway.query("/a/predict", "{\"input\":[1]}");
    assertThat(gateway.get(gateway.management("/metrics")).body())
        .contains("clipper_requests_total{app=\"a\",outcome=\"default\",protocol=\"clipper\"} 1.0");
  }

  @Test
  void aTokenIsAskedForEverywhereButForHealth() {
    gateway.close();
    gateway = new TestGateway(AdminApiTest::withToken);
    assertThat(gateway.get(gateway.management("/health/live")).status()).isEqualTo(200);
    for (String path : new String[] {"/admin/ping", "/metrics", "/nope", "/admin/get_all_models"}) {
      assertThat(gateway.get(gateway.management(path)).status()).as(path).isEqualTo(401);
    }
    Reply refused = gateway.admin("add_app", "{}");
    assertThat(refused.status()).isEqualTo(401);
    assertThat(refused.json().get("error").asText()).isEqualTo("Unauthorized");
    assertThat(ping("Bearer wrong").status()).isEqualTo(401);
    assertThat(ping("Basic czNjcmV0Og==").status()).isEqualTo(401);
    assertThat(ping("Bearer s3cret").body()).isEqualTo("PONG");
  }

  @Test
  void aPageOfAnotherSiteMayNotManage() {
    Reply reply = gateway.send(HttpRequest.newBuilder(gateway.management("/admin/ping")).header("Origin", "http://evil.example"));
    assertThat(reply.status()).isEqualTo(403);
    String own = "http://127.0.0.1:" + gateway.gateway.adminAddress().getPort();
    assertThat(gateway.send(HttpRequest.newBuilder(gateway.management("/admin/ping")).header("Origin", own)).status()).isEqualTo(200);
  }

  private Reply ping(String authorization) {
    return gateway.send(HttpRequest.newBuilder(gateway.management("/admin/ping")).header("Authorization", authorization));
  }

  private static GatewaySettings withToken(GatewaySettings settings) {
    return new GatewaySettings(
        settings.queryHost(), 0, settings.adminHost(), 0, settings.maxBodyBytes(), settings.maxArtifactBytes(), settings.bodyTimeout(),
        Optional.of("s3cret"), false, settings.oip());
  }
}
