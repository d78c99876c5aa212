package io.clipper.node.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.clipper.node.client.Answer.ModelAnswer;
import java.net.URI;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class NodeClientTest {
  private final FakeNode node = new FakeNode();
  private final NodeClient client = node.client();

  @AfterEach
  void stop() {
    client.close();
    node.close();
  }

  @Test
  void managementVerbsArePostedAsJson() {
    node.answers("/admin/get_all_models", "[\"m:1\"]");
    JsonNode answer = client.admin("get_all_models", NodeClient.request().put("verbose", false));
    assertThat(answer.get(0).asText()).isEqualTo("m:1");
    assertThat(node.asked())
        .containsExactly(
            new FakeNode.Asked("/admin/get_all_models", "{\"verbose\":false}", Optional.of("application/json"), Optional.empty()));
  }

  @Test
  void bareTextUnderAJsonContentTypeIsAString() {
    node.answers("/admin/delete_app", "Successfully deleted application with name 'a'");
    assertThat(client.admin("delete_app", NodeClient.request()).asText()).isEqualTo("Successfully deleted application with name 'a'");
  }

  @Test
  void aRefusalCarriesTheNodesCause() {
    node.answers("/admin/add_app", 400, "application 'a' already exists");
    node.answers("/admin/scale", 409, "{\"error\":\"Conflict\",\"cause\":\"no version is in use\"}");
    node.answers("/admin/rollback", 500, "");
    assertThatThrownBy(() -> client.admin("add_app", NodeClient.request())).hasMessage("application 'a' already exists");
    assertThatThrownBy(() -> client.admin("scale", NodeClient.request()))
        .isInstanceOf(NodeRefused.class)
        .hasMessage("no version is in use");
    assertThatThrownBy(() -> client.admin("rollback", NodeClient.request())).hasMessage("HTTP status 500");
  }

  @Test
  void aDeploymentIsTheBytesWithItsParametersInTheQueryString() {
    node.answers("/admin/deploy", "{\"model\":\"m\",\"version\":\"2\",\"state\":\"ready\"}");
    client.deploy("bytes".getBytes(StandardCharsets.UTF_8), Map.of("name", "a model&more"));
    FakeNode.Asked asked = node.asked().getFirst();
    assertThat(asked.target()).isEqualTo("/admin/deploy?name=a%20model%26more");
    assertThat(asked.body()).isEqualTo("bytes");
    assertThat(asked.contentType()).contains("application/octet-stream");
  }

  /** The verbs' own timeouts tell that time has passed. */
  @Test
  void aDeploymentIsWaitedForWhenOtherVerbsAreLongGivenUp() throws Exception {
    CountDownLatch ready = new CountDownLatch(1);
    node.answers("/admin/deploy", "{\"state\":\"ready\"}").holds("/admin/deploy", ready).holds("/admin/get_cluster", ready);
    try (NodeClient impatient = new NodeClient(new NodeAddress(node.address(), node.address(), Optional.empty()), Duration.ofMillis(200))) {
      CompletableFuture<JsonNode> deploying = impatient.deploying(BodyPublishers.noBody(), Map.of("name", "m"));
      for (int verbs = 0; verbs < 3; verbs++) {
        assertThatThrownBy(() -> impatient.admin("get_cluster", NodeClient.request())).isInstanceOf(NodeUnreachable.class);
      }
      assertThat(deploying).isNotDone();

      ready.countDown();

      assertThat(deploying.get(60, TimeUnit.SECONDS).path("state").asText()).isEqualTo("ready");
    }
  }

  @Test
  void theTokenGoesWithEachRequest() {
    node.answers("/admin/get_cluster", "{}");
    try (NodeClient trusted = new NodeClient(new NodeAddress(node.address(), node.address(), Optional.of("secret")))) {
      trusted.admin("get_cluster", NodeClient.request());
    }
    assertThat(node.asked().getFirst().authorization()).contains("Bearer secret");
  }

  @Test
  void anAnswerIsReadWithItsModels() {
    node.answers(
        "/digits/predict",
        """
        {"query_id":7,"output":3,"default":false,"agreement":0.5,"confidence":null,
         "models":[{"name":"a","version":"1","output":3,"weight":0.7,"cached":true,"late":false},
                   {"name":"b","version":"2","output":null,"weight":0.3,"cached":false,"late":true}]}
        """);
    Answer answer = client.predict("digits", NodeClient.request()).thenApply(Answer::of).join();
    assertThat(answer)
        .isEqualTo(
            new Answer(
                7,
                "3",
                false,
                Optional.empty(),
                OptionalDouble.of(0.5),
                OptionalDouble.empty(),
                List.of(
                    new ModelAnswer("a", "1", Optional.of("3"), 0.7, true, false),
                    new ModelAnswer("b", "2", Optional.empty(), 0.3, false, true))));
  }

  @Test
  void wholeNumbersStringsAndStructuresReadAsPeopleWriteThem() {
    assertThat(Answer.text(NodeClient.request().put("v", 7.0).get("v"))).isEqualTo("7");
    assertThat(Answer.text(NodeClient.request().put("v", 7.5).get("v"))).isEqualTo("7.5");
    assertThat(Answer.text(NodeClient.request().put("v", "cat").get("v"))).isEqualTo("cat");
    assertThat(Answer.text(NodeClient.request().putArray("v").add(1))).isEqualTo("[1]");
  }

  @Test
  void whereNobodyListensTheAddressIsNamed() {
    URI gone = node.address();
    node.close();
    assertThatThrownBy(() -> client.admin("get_cluster", NodeClient.request()))
        .isInstanceOf(NodeUnreachable.class)
        .hasMessage("no answer from %s (connection refused)", gone);
  }

  @Test
  void theNextVersionIsOneAboveTheLargestWholeNumber() {
    node.answers(
        "/admin/get_all_models",
        """
        [{"model_name":"m","model_version":"9","is_current_version":false},
         {"model_name":"m","model_version":"10","is_current_version":true},
         {"model_name":"m","model_version":"beta","is_current_version":false},
         {"model_name":"other","model_version":"30","is_current_version":true}]
        """);
    Models models = Models.of(client);
    assertThat(models.nextVersion("m")).isEqualTo("11");
    assertThat(models.nextVersion("new")).isEqualTo("1");
    assertThat(models.current("m")).contains("10");
  }

  @Test
  void anAddressWithoutSchemeIsRefused() {
    assertThatThrownBy(() -> new NodeAddress(URI.create("localhost:1338"), node.address(), Optional.empty()))
        .hasMessageContaining("'localhost:1338' is not an address");
  }
}
