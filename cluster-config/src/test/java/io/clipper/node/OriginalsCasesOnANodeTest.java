package io.clipper.node;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.clipper.application.Prediction;
import io.clipper.catalog.CatalogChange;
import io.clipper.catalog.ModelVersion;
import io.clipper.model.InputType;
import io.clipper.model.ModelId;
import io.clipper.replica.ReplicaStatus;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The original's cases that take a node: its models, its store and its replicas behind its own requests. */
class OriginalsCasesOnANodeTest {
  private static final JsonMapper JSON = new JsonMapper();
  private static final Duration PATIENCE = Duration.ofMinutes(1);
  /** Of an answer that the test waits for. */
  private static final Duration OBJECTIVE = Duration.ofMinutes(10);

  private static final int ADAPTIVE = ModelVersion.ADAPTIVE;

  @TempDir private static Path data;
  private static ClipperNode node;
  private static HttpClient client;

  @BeforeAll
  static void start() {
    node = ClipperNode.start(TestNodes.options(data, 0, 0, false));
    client = HttpClient.newHttpClient();
  }

  @AfterAll
  static void stop() {
    client.close();
    node.close();
  }

  @AfterEach
  void release() {
    PlainModel.release();
  }

  @Test
  void anApplicationAnswersItsDefaultUntilItsModelIsLinked() {
    application("unlinked");
    serve("noop:1", "an answer", 1);

    JsonNode before = predict("unlinked", "[99.3,18.9,67.2,34.2]");
    assertThat(before.get("output").asText()).isEqualTo("DEFAULT");
    assertThat(before.get("default").booleanValue()).isTrue();
    assertThat(before.get("default_explanation").asText()).isEqualTo("No connected models found for query");

    link("unlinked", "noop");
    JsonNode after = predict("unlinked", "[99.3,18.9,67.2,34.2]");
    assertThat(after.get("output").asText()).isEqualTo("an answer");
    assertThat(after.get("default").booleanValue()).isFalse();
    assertThat(batch("unlinked", "[1.0],[2.0],[3.0],[4.0]")).hasSize(4);
  }

  @Test
  void aModelAnswersByTheLengthOfItsInput() {
    application("lengths");
    serve("length:1", PlainModel.LENGTH, 1);
    link("lengths", "length");

    assertThat(predict("lengths", "[101.1,99.5,107.2]").get("output").intValue()).isEqualTo(3);
  }

  @Test
  void aSumIsAnsweredAloneAndInABatch() {
    application("sums");
    serve("sum:1", PlainModel.SUM, 1);
    link("sums", "sum");

    assertThat(predict("sums", "[1.1,2.2,3.3]").get("output").doubleValue()).isCloseTo(6.6, within(1e-9));
    List<JsonNode> both = batch("sums", "[1.1,2.2,3.3],[4.4,5.5,6.6]");
    assertThat(both.get(0).get("output").doubleValue()).isCloseTo(6.6, within(1e-9));
    assertThat(both.get(1).get("output").doubleValue()).isCloseTo(16.5, within(1e-9));
  }

  @Test
  void aVersionIsAskedByNameAndTheOneInUseWithout() {
    application("versions");
    serve("testmodel:v1", "1", 1);
    link("versions", "testmodel");
    serve("testmodel:v2", "2", 1);
    assertThat(predict("versions", "[1.0,2.0,3.0]").get("output").intValue()).isEqualTo(2);

    expectOk(admin("set_model_version", version("testmodel", "v1")));
    settled("testmodel:v1");
    assertThat(model("testmodel", "v1").get("is_current_version").booleanValue()).isTrue();
    assertThat(predict("versions", "[1.0,2.0,3.0]").get("output")).isEqualTo(JSON.getNodeFactory().numberNode(1));
    HttpResponse<String> unknown = post(node.queryAddress(), "/versions/predict", "{\"input\":[1.0],\"version\":\"skjfhkdjshfjksdhkjf\"}");
    assertThat(unknown.statusCode()).isEqualTo(400);
    assertThat(json(unknown).get("cause").asText()).isEqualTo("Requested version: skjfhkdjshfjksdhkjf does not exist for model: testmodel");
  }

  /** While the first batch is with the model all others come, so that there is always enough for the next. */
  @Test
  void aFixedBatchSizeIsFilled() throws Exception {
    application("batches");
    serve("batches:1", PlainModel.BATCH_SIZE, 1, 9);
    link("batches", "batches");
    String inputs = IntStream.range(0, 450).mapToObj(number -> "[%d.0]".formatted(number)).collect(Collectors.joining(",", "{\"input_batch\":[", "]}"));

    PlainModel.hold();
    CompletableFuture<HttpResponse<String>> answer =
        client.sendAsync(request(node.queryAddress(), "/batches/predict", inputs), HttpResponse.BodyHandlers.ofString());
    Awaitility.await().atMost(PATIENCE).until(() -> copies("batches").stream().mapToInt(ReplicaStatus::queued).sum() >= 450 - 2 * 9);
    PlainModel.release();

    HttpResponse<String> answered = answer.get(PATIENCE.toSeconds(), SECONDS);
    List<JsonNode> predictions = list(json(answered).get("batch_predictions"));
    assertThat(predictions).hasSize(450);
    assertThat(predictions).noneMatch(prediction -> prediction.get("default").booleanValue());
    assertThat(predictions.stream().filter(prediction -> prediction.get("output").intValue() == 9).count()).isGreaterThanOrEqualTo(450 * 7 / 10);
    assertThat(predictions).noneMatch(prediction -> prediction.get("output").intValue() > 9);
  }

  @Test
  void copiesAreTakenAwayUntilNoneIsLeft() {
    application("scaled");
    serve("scaled:1", PlainModel.LENGTH, 2);
    link("scaled", "scaled");
    awaitCopies("scaled", 2);
    assertThat(predict("scaled", "[1.0]").get("default").booleanValue()).isFalse();

    scale("scaled", 1);
    awaitCopies("scaled", 1);
    assertThat(predict("scaled", "[1.0,2.0]").get("default").booleanValue()).isFalse();

    scale("scaled", 0);
    awaitCopies("scaled", 0);
    JsonNode nobody = predict("scaled", "[1.0,2.0,3.0]");
    assertThat(nobody.get("default").booleanValue()).isTrue();
    assertThat(nobody.get("default_explanation").asText()).isEqualTo(Prediction.NO_MODELS);
  }

  @Test
  void manyApplicationsAskManyModels() {
    for (String application : List.of("many-0", "many-1")) {
      application(application);
      List<String> models = IntStream.range(0, 3).mapToObj(number -> "%s-model-%d".formatted(application, number)).toList();
      models.forEach(model -> serve(model + ":1", PlainModel.LENGTH, 1));
      link(application, models.toArray(String[]::new));
    }

    for (int i = 0; i < 25; i++) {
      for (String application : List.of("many-0", "many-1")) {
        JsonNode answer = predict(application, "[%d.0,1.0]".formatted(i));
        assertThat(answer.get("default").booleanValue()).isFalse();
        assertThat(answer.get("output").intValue()).isEqualTo(2);
        assertThat(list(answer.get("models"))).extracting(model -> model.get("name").asText()).allMatch(name -> name.startsWith(application)).hasSize(3);
      }
    }
  }

  /** It is kept warm as the way back until then. */
  @Test
  void aVersionThatIsDeletedTakesItsCopiesAlong() {
    serve("replaced:1", "1", 2);
    awaitCopies("replaced", 2);
    serve("replaced:2", "2", 3);
    assertThat(containers("replaced")).contains("replaced:1:0", "replaced:1:1");

    expectOk(admin("delete_versioned_model", version("replaced", "1")));

    Awaitility.await()
        .atMost(PATIENCE)
        .untilAsserted(() -> assertThat(containers("replaced")).containsExactly("replaced:2:0", "replaced:2:1", "replaced:2:2"));
    assertThat(model("replaced", "1")).isEmpty();
    assertThat(model("replaced", "2").get("is_current_version").booleanValue()).isTrue();
  }

  @Test
  void aVersionOfAnotherInputTypeIsNotUsedWhileItsModelIsLinked() {
    application("typed");
    addModel("typed", "1", "doubles");
    addModel("typed", "2", "strings");
    expectOk(admin("set_model_version", version("typed", "1")));
    link("typed", "typed");

    HttpResponse<String> refused = admin("set_model_version", version("typed", "2"));

    assertThat(refused.statusCode()).isEqualTo(400);
    assertThat(refused.body())
        .isEqualTo(
            "Model with name 'typed' is already linked to app 'typed' using input type 'doubles'. The input type you provided for a new version of the model, 'strings', is not compatible.");
    assertThat(model("typed", "1").get("is_current_version").booleanValue()).isTrue();
  }

  @Test
  void aVersionOfALinkedModelMayHaveItsInputTypeUnderAnotherName() {
    application("aliased");
    addModel("aliased", "1", "doubles");
    link("aliased", "aliased");

    addModel("aliased", "2", "d");

    assertThat(model("aliased", "2").get("is_current_version").booleanValue()).isTrue();
    assertThat(model("aliased", "2").get("input_type").asText()).isEqualTo("doubles");
  }

  @Test
  void whatIsRefusedHasTheOriginalsStatusAndWords() {
    application("refusing");
    addModel("refused", "1", "doubles");
    refused("add_app", app("refusing"), "application 'refusing' already exists");
    refused("add_model", version("refused", "1", "doubles"), "model with name 'refused' and version '1' already exists");
    refused("set_model_version", version("refused", "11"), "Cannot set non-existent version '11' for model with name 'refused'");
    refused("set_model_version", version("nobody", "1"), "Cannot set version for nonexistent model 'nobody'");
    refused("delete_versioned_model", version("refused", "2"), "model with name 'refused' and version '2' does not exist");
    refused("add_model_links", links("refusing", "nobody"), "No model with name 'nobody' exists.");
    refused("add_model_links", links("nowhere", "refused"), "No app with name 'nowhere' exists.");
    refused("delete_model_links", links("refusing", "refused"), "Cannot remove nonexistent link between app refusing and model refused");
    link("refusing", "refused");
    refused("add_model_links", links("refusing", "refused"), "The model with name 'refused' is already linked to 'refusing'");
    refused("delete_app", "{\"name\":\"nowhere\"}", "Application 'nowhere' does not exist");
  }

  /** One of them has lost its last version while it was linked. */
  @Test
  void whatIsServedIsShownAfterARestartAlsoOfAModelWithoutAVersionInUse() {
    application("kept");
    for (String version : List.of("1", "2")) {
      addModel("kept", version, "doubles");
    }
    for (String version : List.of("1", "2", "3")) {
      addModel("other", version, "doubles");
    }
    link("kept", "kept");
    application("bereft");
    addModel("lost", "1", "doubles");
    link("bereft", "lost");
    expectOk(admin("delete_versioned_model", version("lost", "1")));
    String applications = admin("get_all_applications", "{\"verbose\":true}").body();
    String models = admin("get_all_models", "{\"verbose\":true}").body();

    node.close();
    node = ClipperNode.start(TestNodes.options(data, 0, 0, false));

    assertThat(TestNodes.ready(node)).contains("true");
    assertThat(admin("get_all_applications", "{\"verbose\":true}").body()).isEqualTo(applications);
    assertThat(admin("get_all_models", "{\"verbose\":true}").body()).isEqualTo(models);
    assertThat(json(admin("get_application", "{\"name\":\"kept\"}")).get("linked_models").toString()).isEqualTo("[\"kept\"]");
    assertThat(admin("get_linked_models", "{\"app_name\":\"kept\"}").body()).isEqualTo("[\"kept\"]");
    assertThat(model("kept", "2").get("is_current_version").booleanValue()).isTrue();
    assertThat(model("kept", "1").get("is_current_version").booleanValue()).isFalse();
    assertThat(model("other", "3").get("is_current_version").booleanValue()).isTrue();
    assertThat(admin("get_linked_models", "{\"app_name\":\"bereft\"}").body()).isEqualTo("[\"lost\"]");
    assertThat(model("lost", "1")).isEmpty();
    assertThat(predict("bereft", "[1.0]").get("default_explanation").asText()).isEqualTo(Prediction.NO_MODELS);
  }

  private static void application(String name) {
    expectOk(admin("add_app", app(name)));
  }

  private static String app(String name) {
    return "{\"name\":\"%s\",\"input_type\":\"doubles\",\"default_output\":\"DEFAULT\",\"latency_slo_micros\":%d}".formatted(name, OBJECTIVE.toMillis() * 1000);
  }

  private static void addModel(String name, String version, String inputType) {
    expectOk(admin("add_model", version(name, version, inputType)));
  }

  private static void link(String application, String... models) {
    expectOk(admin("add_model_links", links(application, models)));
  }

  private static String links(String application, String... models) {
    return Stream.of(models).map("\"%s\""::formatted).collect(Collectors.joining(",", "{\"app_name\":\"%s\",\"model_names\":[".formatted(application), "]}"));
  }

  private static String version(String model, String version) {
    return "{\"model_name\":\"%s\",\"model_version\":\"%s\"}".formatted(model, version);
  }

  private static String version(String model, String version, String inputType) {
    return "{\"model_name\":\"%s\",\"model_version\":\"%s\",\"labels\":[],\"input_type\":\"%s\",\"container_name\":\"c\",\"model_data_path\":\"p\",\"batch_size\":-1}"
        .formatted(model, version, inputType);
  }

  private static void serve(String id, String answering, int replicas) {
    serve(id, answering, replicas, ADAPTIVE);
  }

  /** A version in use whose answers are not kept, on this many warm copies. */
  private static void serve(String id, String answering, int replicas, int batchSize) {
    ModelVersion version =
        new ModelVersion(
            ModelId.parse(id), InputType.DOUBLES.signature(), PlainModel.answering(answering), Optional.empty(), List.of(), "", "", batchSize, false);
    node.serving().applications().change(new CatalogChange.AddModelVersion(version, Optional.of(replicas))).toCompletableFuture().join();
    settled(id);
  }

  private static void settled(String id) {
    assertThat(node.serving().replicas().whenSettled(ModelId.parse(id)).toCompletableFuture().join().state()).isEqualTo(ReplicaStatus.State.READY);
  }

  private static void scale(String model, int replicas) {
    expectOk(admin("scale", "{\"model_name\":\"%s\",\"replicas\":%d}".formatted(model, replicas)));
  }

  private static void awaitCopies(String model, int ready) {
    Awaitility.await()
        .atMost(PATIENCE)
        .untilAsserted(() -> assertThat(copies(model)).extracting(ReplicaStatus::state).hasSize(ready).allMatch(ReplicaStatus.State.READY::equals));
  }

  private static List<ReplicaStatus> copies(String model) throws Exception {
    return TestNodes.copies(node, model);
  }

  private static List<String> containers(String model) {
    return list(json(admin("get_all_containers", "{}"))).stream().map(JsonNode::asText).filter(id -> id.startsWith(model + ":")).toList();
  }

  private static JsonNode model(String name, String version) {
    return json(admin("get_model", version(name, version)));
  }

  private static JsonNode predict(String application, String input) {
    HttpResponse<String> answer = post(node.queryAddress(), "/%s/predict".formatted(application), "{\"input\":%s}".formatted(input));
    expectOk(answer);
    return json(answer);
  }

  private static List<JsonNode> batch(String application, String inputs) {
    HttpResponse<String> answer = post(node.queryAddress(), "/%s/predict".formatted(application), "{\"input_batch\":[%s]}".formatted(inputs));
    expectOk(answer);
    return list(json(answer).get("batch_predictions"));
  }

  private static void refused(String verb, String body, String text) {
    HttpResponse<String> answer = admin(verb, body);
    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(answer.body()).isEqualTo(text);
  }

  private static HttpResponse<String> admin(String verb, String body) {
    return post(node.adminAddress(), "/admin/" + verb, body);
  }

  private static void expectOk(HttpResponse<String> answer) {
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
  }

  private static HttpResponse<String> post(InetSocketAddress address, String path, String body) {
    try {
      return client.send(request(address, path, body), HttpResponse.BodyHandlers.ofString());
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(interrupted);
    }
  }

  private static HttpRequest request(InetSocketAddress address, String path, String body) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:%d%s".formatted(address.getPort(), path))).POST(HttpRequest.BodyPublishers.ofString(body)).build();
  }

  private static JsonNode json(HttpResponse<String> answer) {
    try {
      return JSON.readTree(answer.body());
    } catch (IOException notJson) {
      throw new UncheckedIOException(answer.body(), notJson);
    }
  }

  private static List<JsonNode> list(JsonNode array) {
    return StreamSupport.stream(array.spliterator(), false).toList();
  }
}
