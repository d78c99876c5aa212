package io.clipper.gateway.admin;

import static org.assertj.core.api.Assertions.assertThat;

import io.clipper.gateway.Readiness;
import io.clipper.gateway.TestGateway;
import io.clipper.gateway.TestGateway.Reply;
import io.clipper.model.Datatype;
import io.clipper.model.Signature;
import io.clipper.model.TensorSpec;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What workers that nobody here started are told, over HTTP. */
class WorkerVerbsTest {
  private static final String WORKER = "{\"model_name\":\"guest\",\"model_version\":\"1\",\"url\":\"grpc://there:9000\"";
  private static final String NEW = WORKER + "}";
  private static final String RENEWED = WORKER + ",\"renew\":true}";
  private static final String LOADING = "{\"model_name\":\"guest\",\"model_version\":\"1\",\"state\":\"loading\"}";

  private final TestGateway gateway = new TestGateway();

  @AfterEach
  void close() {
    gateway.close();
  }

  @Test
  void aWorkerThatAnnouncesItselfMakesItsVersionKnownButDoesNotBringItBack() {
    assertThat(gateway.admin("announce", RENEWED).status()).isEqualTo(404);

    assertThat(gateway.admin("announce", NEW).body()).isEqualTo(LOADING);
    assertThat(gateway.admin("announce", RENEWED).body()).isEqualTo(LOADING);
    assertThat(gateway.admin("get_model", NEW).json().get("runtime").textValue()).isEqualTo("announced");
    assertThat(gateway.admin("leave", NEW).status()).isEqualTo(200);
    assertThat(gateway.admin("announce", NEW.replace("grpc:", "http:")).status()).isEqualTo(400);
  }

  @Test
  void whatNodesStartTakesNoGuests() {
    byte[] graph = "onnx:floats".getBytes(StandardCharsets.UTF_8);
    TestGateway.expectOk(gateway.post(gateway.management("/admin/deploy?name=guest&version=1"), graph));

    Reply refusal = gateway.admin("announce", NEW);

    assertThat(refusal.status()).isEqualTo(409);
    assertThat(refusal.json().get("cause").asText()).isEqualTo("model guest:1 is started by nodes, and not by others");
    assertThat(gateway.admin("announce", RENEWED).status()).isEqualTo(409);
  }

  @ParameterizedTest
  @ValueSource(strings = {NEW, RENEWED})
  void aWorkerTriesAgainWhereTheCatalogMayNotBeThereYet(String announcement) {
    gateway.clipper.readiness = new Readiness.NotReady("starting: models are loading");

    Reply refusal = gateway.admin("announce", announcement);

    assertThat(refusal.status()).isEqualTo(503);
    assertThat(refusal.json().get("cause").asText()).contains("guest:1", "starting: models are loading");
    assertThat(gateway.clipper.models()).isEmpty();
  }

  @Test
  void anotherWorkerOfAVersionTakesWhatTheFirstOneTakes() {
    gateway.admin("announce", NEW);
    String other = NEW.replace("there", "elsewhere");
    gateway.clipper.servers = new Signature(List.of(new TensorSpec("x", Datatype.FP32, List.of(2L, 2L))));
    assertThat(gateway.admin("announce", other).body()).as("as many numbers").isEqualTo(LOADING);

    gateway.clipper.servers = Signature.named("strings");
    Reply refusal = gateway.admin("announce", other);

    assertThat(refusal.status()).isEqualTo(409);
    assertThat(refusal.json().get("cause").asText())
        .isEqualTo("model guest:1 takes input:FP64[-1], and the worker at grpc://elsewhere:9000 takes input:BYTES[1]");
    assertThat(gateway.admin("announce", RENEWED).body()).as("one that is in already").isEqualTo(LOADING);
  }

  @Test
  void aWorkerThatCannotBeAskedYetIsLetIn() {
    gateway.admin("announce", NEW);
    gateway.clipper.serversAreReached = false;

    assertThat(gateway.admin("announce", NEW.replace("there", "elsewhere")).body()).isEqualTo(LOADING);
    assertThat(gateway.admin("announce", NEW.replace("guest", "other")).status()).as("the first of a version").isEqualTo(400);
  }

  @Test
  void aVersionThatIsKnownTakesItsWorkersBeforeTheNodeIsReady() {
    gateway.admin("announce", NEW);
    gateway.clipper.readiness = new Readiness.NotReady("starting: models are loading");

    assertThat(gateway.admin("announce", RENEWED).body()).isEqualTo(LOADING);
  }
}
