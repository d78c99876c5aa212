package io.clipper.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.clipper.catalog.Application;
import io.clipper.catalog.CatalogChange;
import io.clipper.catalog.LearningSettings;
import io.clipper.catalog.ModelVersion;
import io.clipper.model.Input;
import io.clipper.model.InputType;
import io.clipper.model.ModelId;
import io.clipper.model.runtime.RuntimeSpec;
import io.clipper.model.runtime.oip.protocol.GRPCInferenceServiceGrpc;
import io.clipper.model.runtime.oip.protocol.InferParameter;
import io.clipper.model.runtime.oip.protocol.InferTensorContents;
import io.clipper.model.runtime.oip.protocol.ModelInferRequest;
import io.clipper.model.runtime.oip.protocol.ModelInferResponse;
import io.clipper.node.client.NodeClient;
import io.clipper.replica.ReplicaRouterActor;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real copy lets nobody in: where it is full, and where it is stalled. One application asks for a refusal, the other has its default. */
class OverloadOnANodeTest {
  private static final ModelId MODEL = new ModelId("held", "1");
  private static final ModelId ADAPTIVE = new ModelId("adaptive", "1");
  private static final int BATCH = 4;
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final Duration OBJECTIVE = Duration.ofMinutes(10);
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final HttpClient HTTP = HttpClient.newHttpClient();
  /** No two rows are alike: none is answered from the cache, or together with another. */
  private static final AtomicInteger NUMBERS = new AtomicInteger(1);

  @TempDir private static Path data;
  @TempDir private static Path settings;
  private static ClipperNode node;
  private static ManagedChannel channel;

  @BeforeAll
  static void start() throws IOException {
    Path conf = Files.writeString(settings.resolve("node.conf"), "clipper.replica.queue-limit = 1\n");
    node = ClipperNode.start(TestNodes.options(data, conf));
    channel = NettyChannelBuilder.forAddress(node.grpcAddress()).usePlaintext().build();
    deploy(MODEL, BATCH, "lenient");
    deploy(ADAPTIVE, ModelVersion.ADAPTIVE, "adapting");
    change(new CatalogChange.AddApplication(application("strict").withModels(List.of(MODEL.name()))));
    try (NodeClient client = TestNodes.client(node)) {
      client.admin("update_app", NodeClient.request().put("name", "strict").put("on_overload", "refuse"));
    }
  }

  @AfterAll
  static void stop() {
    channel.shutdownNow();
    node.close();
  }

  @BeforeEach
  void hold() {
    HeldModel.hold();
  }

  @AfterEach
  void release() {
    HeldModel.release();
    Awaitility.await().atMost(PATIENCE).until(() -> queued() == 0);
  }

  @Test
  void whomAFullCopyRefusesIsToldSoWhereTheApplicationRefuses() throws InterruptedException {
    fill();

    HttpResponse<String> http = predict("strict", OBJECTIVE);
    HttpResponse<String> rest = infer("strict", OBJECTIVE);

    assertThat(http.statusCode()).isEqualTo(503);
    assertThat(http.headers().firstValue("Retry-After")).contains("1");
    assertThat(json(http).path("cause").asText()).isEqualTo("No room for the query: held:1: 1 rows wait already");
    assertThat(rest.statusCode()).isEqualTo(503);
    assertThat(rest.headers().firstValue("Retry-After")).contains("1");
    assertThat(json(rest).path("error").asText()).isEqualTo("No room for the query: held:1: 1 rows wait already");
    Status grpc = refusal("strict", OBJECTIVE);
    assertThat(grpc.getCode()).isEqualTo(Status.Code.UNAVAILABLE);
    assertThat(grpc.getDescription()).isEqualTo("No room for the query: held:1: 1 rows wait already");
  }

  @Test
  void whomAFullCopyRefusesGetsTheDefaultAndWhyWhereTheApplicationDoesNotRefuse() throws InterruptedException {
    fill();

    HttpResponse<String> http = predict("lenient", OBJECTIVE);
    HttpResponse<String> rest = infer("lenient", OBJECTIVE);
    ModelInferResponse grpc = call("lenient", OBJECTIVE);

    assertThat(http.statusCode()).isEqualTo(200);
    assertThat(json(http).path("default").asBoolean()).isTrue();
    assertThat(json(http).path("output").asDouble()).isEqualTo(-1);
    assertThat(json(http).path("default_explanation").asText()).isEqualTo("No room for the query: held:1: 1 rows wait already");
    assertThat(rest.statusCode()).isEqualTo(200);
    assertThat(json(rest).path("parameters").path("default").asBoolean()).isTrue();
    assertThat(grpc.getParametersOrThrow("default").getBoolParam()).isTrue();
  }

  @Test
  void whoAsksAFullModelDirectlyIsRefused() throws InterruptedException {
    fill();

    HttpResponse<String> rest = infer("held@model", OBJECTIVE);

    assertThat(rest.statusCode()).isEqualTo(503);
    assertThat(rest.headers().firstValue("Retry-After")).contains("1");
    assertThat(refusal("held@model", OBJECTIVE).getCode()).isEqualTo(Status.Code.UNAVAILABLE);
  }

  /** Its estimate is past the deadline all the same. What was asked before that was clear has waited until its deadline. */
  @Test
  void whatAStalledModelHasNoTimeForIsRefusedAsTheApplicationSays() throws InterruptedException {
    Duration soon = Duration.ofSeconds(2);
    stall(soon);

    HttpResponse<String> http = awaitRefusal(() -> predict("strict", soon));
    HttpResponse<String> rest = awaitRefusal(() -> infer("strict", soon));

    assertThat(http.statusCode()).isEqualTo(503);
    assertThat(http.headers().firstValue("Retry-After")).contains("1");
    assertThat(rest.statusCode()).isEqualTo(503);
    assertThat(rest.headers().firstValue("Retry-After")).contains("1");
    Awaitility.await().atMost(PATIENCE).untilAsserted(() -> assertThat(refusal("strict", soon).getCode()).isEqualTo(Status.Code.UNAVAILABLE));
    assertThat(awaitRefusal(() -> infer("held@model", soon)).statusCode()).isEqualTo(503);
    HttpResponse<String> byDefault = awaitRefusal(() -> predict("lenient", soon));
    assertThat(byDefault.statusCode()).isEqualTo(200);
    assertThat(json(byDefault).path("default").asBoolean()).isTrue();
    assertThat(json(byDefault).path("default_explanation").asText()).startsWith("No model could answer: held:1: the model by itself takes longer than the ");
    assertThat(TestNodes.metrics(node)).containsPattern("clipper_not_predicted_total\\{model_name=\"held\",model_version=\"1\",reason=\"too_slow\"} [1-9]");
  }

  @Test
  void whatComesAfterTheDeadlineIsKnownToTheNextQuery() throws InterruptedException {
    String input = body(NUMBERS.getAndIncrement(), Duration.ofSeconds(2));
    CompletableFuture<HttpResponse<String>> first = HTTP.sendAsync(request("/lenient/predict", input), HttpResponse.BodyHandlers.ofString());
    HeldModel.Batch batch = HeldModel.expectAny();
    assertThat(json(first.join()).path("default").asBoolean()).isTrue();

    batch.end();

    Awaitility.await().atMost(PATIENCE).until(() -> !json(post("/lenient/predict", input)).path("default").asBoolean());
    assertThat(HeldModel.wasGivenMore()).as("the late answer is kept").isFalse();
  }

  @Test
  void theLimitOfABatchAndItsReasonAreMetrics() {
    HeldModel.release();

    assertThat(TestNodes.metrics(node))
        .contains(
            limit("held", "fixed", BATCH), limit("held", "objective", 0), limit("held", "unexplored", 0), limit("held", "maximum", 0),
            limit("adaptive", "unexplored", 1), limit("adaptive", "fixed", 0));

    assertThat(predict("adapting", OBJECTIVE).statusCode()).isEqualTo(200);
    Awaitility.await().atMost(PATIENCE).until(() -> TestNodes.metrics(node), text -> text.contains(limit("adaptive", "unexplored", 2)));
  }

  private static String limit(String model, String reason, int rows) {
    return "clipper_batch_limit{model_name=\"%s\",model_version=\"1\",reason=\"%s\"} %d.0".formatted(model, reason, rows);
  }

  /** One row is computed, and the one that may wait waits. For a second after another test nobody may have more than its share. */
  private static void fill() throws InterruptedException {
    CompletableFuture<?> computed = askDirectly(OBJECTIVE);
    HeldModel.expectAny();
    Awaitility.await()
        .atMost(PATIENCE)
        .until(
            () -> {
              CompletableFuture<?> unused = askDirectly(OBJECTIVE);
              return queued() == 1;
            });
    assertThat(computed).isNotDone();
  }

  private static int queued() throws Exception {
    return TestNodes.queued(TestNodes.copies(node, MODEL.name()));
  }

  /** What the model takes is known, and now it holds a row whose time is over. */
  private static void stall(Duration budget) throws InterruptedException {
    HeldModel.release();
    for (int i = 0; i < 10; i++) {
      assertThat(askDirectly(OBJECTIVE).join()).isInstanceOf(ReplicaRouterActor.Answered.class);
    }
    HeldModel.hold();
    CompletableFuture<ReplicaRouterActor.Reply> stuck = askDirectly(budget);
    HeldModel.expectAny();
    assertThat(stuck.join()).isInstanceOf(ReplicaRouterActor.Unanswered.class);
  }

  private static CompletableFuture<ReplicaRouterActor.Reply> askDirectly(Duration budget) {
    return node.serving().models().ask(MODEL, Input.doubles(NUMBERS.getAndIncrement()), budget).toCompletableFuture();
  }

  private interface Asking {
    HttpResponse<String> ask();
  }

  private static HttpResponse<String> awaitRefusal(Asking asking) {
    return Awaitility.await().atMost(PATIENCE).until(asking::ask, answer -> answer.body().contains("the model by itself takes longer"));
  }

  private static HttpResponse<String> predict(String application, Duration budget) {
    return post("/%s/predict".formatted(application), body(NUMBERS.getAndIncrement(), budget));
  }

  private static String body(int number, Duration budget) {
    return "{\"input\":[%d.0],\"slo_micros\":%d}".formatted(number, budget.toNanos() / 1000);
  }

  private static HttpResponse<String> infer(String model, Duration budget) {
    String tensor = "{\"name\":\"input\",\"shape\":[1,1],\"datatype\":\"FP64\",\"data\":[%d.0]}".formatted(NUMBERS.getAndIncrement());
    return post(
        "/v2/models/%s/infer".formatted(model),
        "{\"parameters\":{\"timeout\":%d},\"inputs\":[%s]}".formatted(budget.toNanos() / 1000, tensor));
  }

  private static Status refusal(String model, Duration budget) {
    StatusRuntimeException refused = catchThrowableOfType(StatusRuntimeException.class, () -> call(model, budget));
    return refused == null ? Status.OK : refused.getStatus();
  }

  private static ModelInferResponse call(String model, Duration budget) {
    ModelInferRequest.InferInputTensor.Builder input =
        ModelInferRequest.InferInputTensor.newBuilder()
            .setName("input")
            .setDatatype("FP64")
            .addShape(1)
            .addShape(1)
            .setContents(InferTensorContents.newBuilder().addFp64Contents(NUMBERS.getAndIncrement()));
    InferParameter timeout = InferParameter.newBuilder().setInt64Param(budget.toNanos() / 1000).build();
    ModelInferRequest request = ModelInferRequest.newBuilder().setModelName(model).addInputs(input).putParameters("timeout", timeout).build();
    return GRPCInferenceServiceGrpc.newBlockingStub(channel).modelInfer(request);
  }

  private static HttpResponse<String> post(String path, String body) {
    try {
      return HTTP.send(request(path, body), HttpResponse.BodyHandlers.ofString());
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(interrupted);
    }
  }

  private static HttpRequest request(String path, String body) {
    URI uri = URI.create("http://127.0.0.1:%d%s".formatted(node.queryAddress().getPort(), path));
    return HttpRequest.newBuilder(uri).header("Content-Type", "application/json").POST(HttpRequest.BodyPublishers.ofString(body)).build();
  }

  private static JsonNode json(HttpResponse<String> answer) {
    try {
      return JSON.readTree(answer.body());
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
  }

  private static void deploy(ModelId model, int batchSize, String application) {
    RuntimeSpec runtime = new RuntimeSpec.PlugIn(HeldModel.KIND, Map.of());
    ModelVersion version =
        new ModelVersion(model, InputType.DOUBLES.signature(), runtime, Optional.empty(), List.of(), "", "", batchSize, true);
    change(new CatalogChange.Deploy(version, Optional.empty(), Optional.of(application(application))));
    node.serving().replicas().whenSettled(model).toCompletableFuture().orTimeout(PATIENCE.toSeconds(), TimeUnit.SECONDS).join();
  }

  private static Application application(String name) {
    return new Application(name, InputType.DOUBLES.signature(), OBJECTIVE, "-1", LearningSettings.DEFAULT, List.of());
  }

  private static void change(CatalogChange change) {
    node.serving().applications().change(change).toCompletableFuture().orTimeout(PATIENCE.toSeconds(), TimeUnit.SECONDS).join();
  }
}
