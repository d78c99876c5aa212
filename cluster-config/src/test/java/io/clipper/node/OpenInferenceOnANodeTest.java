package io.clipper.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.clipper.gateway.oip.protocol.FeedbackGrpc;
import io.clipper.gateway.oip.protocol.FeedbackRequest;
import io.clipper.model.runtime.oip.protocol.GRPCInferenceServiceGrpc;
import io.clipper.model.runtime.oip.protocol.InferParameter;
import io.clipper.model.runtime.oip.protocol.ModelConfigRequest;
import io.clipper.model.runtime.oip.protocol.ModelInferRequest;
import io.clipper.model.runtime.oip.protocol.ModelInferResponse;
import io.clipper.model.runtime.oip.protocol.ModelMetadataRequest;
import io.clipper.node.client.NodeClient;
import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The protocol's doors on a real node, whose models are ONNX files. */
class OpenInferenceOnANodeTest {
  private static final InferParameter PATIENT = InferParameter.newBuilder().setInt64Param(600_000_000).build();

  private static final Path SEVERAL_INPUTS = Path.of("../model-worker/src/test/resources/onnx/several-inputs.onnx");

  @TempDir private static Path data;
  private static ClipperNode node;
  private static ManagedChannel channel;

  @BeforeAll
  static void start() {
    node = TestNodes.start(data);
    channel = NettyChannelBuilder.forAddress(node.grpcAddress()).usePlaintext().build();
  }

  @AfterAll
  static void stop() {
    channel.shutdownNow();
    node.close();
  }

  @Test
  void anApplicationAnswersOverGrpc() {
    ModelInferResponse response = infer("digits", 3);
    assertThat(response.getOutputs(0).getName()).isEqualTo("output");
    assertThat(response.getOutputs(0).getShapeList()).containsExactly(3L);
    assertThat(response.getOutputs(0).getDatatype()).isEqualTo("INT64");
    assertThat(infer("digits", 1).getParametersOrThrow("query_id").getInt64Param()).isPositive();
  }

  @Test
  void aModelAnswersPastItsApplication() {
    ModelInferResponse response = infer("random-forest@model", 2);
    assertThat(response.getModelVersion()).isEqualTo("1");
    assertThat(response.getParametersCount()).isZero();
    assertThat(response.getRawOutputContents(0).asReadOnlyByteBuffer().order(ByteOrder.LITTLE_ENDIAN).getLong()).isBetween(0L, 9L);
  }

  @Test
  void metadataIsThatOfTheGraph() {
    var metadata =
        GRPCInferenceServiceGrpc.newBlockingStub(channel).modelMetadata(ModelMetadataRequest.newBuilder().setName("random-forest@model").build());
    assertThat(metadata.getPlatform()).isEqualTo("onnx_onnxv1");
    assertThat(metadata.getInputs(0).getShapeList()).containsExactly(-1L, 64L);
    assertThat(metadata.getOutputs(0).getDatatype()).isEqualTo("INT64");
    assertThat(metadata.getOutputs(0).getShapeList()).containsExactly(-1L);
  }

  @Test
  void bothDoorsAnswerAlike() throws IOException, InterruptedException {
    String zeros = "0,".repeat(63) + "0";
    String body = "{\"inputs\":[{\"name\":\"input\",\"shape\":[1,64],\"datatype\":\"FP32\",\"data\":[[%s]]}]}".formatted(zeros);
    HttpResponse<String> answer = post(node.queryAddress(), "/v2/models/linear-svm@model/infer", body);
    long label = infer("linear-svm@model", 1).getRawOutputContents(0).asReadOnlyByteBuffer().order(ByteOrder.LITTLE_ENDIAN).getLong();
    assertThat(answer.body()).contains("\"shape\":[1],\"data\":[%d]".formatted(label));
  }

  /** One that has it in its key could not be read, nor could others beside it. */
  @Test
  void aNameThatNoDatabaseKeepsIsRefusedAtEveryDoor() throws IOException, InterruptedException {
    String zeros = "0,".repeat(63) + "0";
    String tensor = "{\"name\":\"input\",\"shape\":[1,64],\"datatype\":\"FP32\",\"data\":[%s]}".formatted(zeros);
    String name = "\"a\\u0000\"";
    String words = " has a NUL at character 1, which no database keeps";

    assertRefused(post(node.queryAddress(), "/digits/predict", "{\"input\":[%s],\"context\":%s}".formatted(zeros, name)), "context" + words);
    assertRefused(post(node.queryAddress(), "/digits/update", "{\"query_id\":1,\"label\":1,\"context\":%s}".formatted(name)), "context" + words);
    assertRefused(post(node.queryAddress(), "/digits/update", "{\"query_id\":1,\"label\":1,\"feedback_id\":%s}".formatted(name)), "feedback_id" + words);
    assertRefused(post(node.adminAddress(), "/admin/get_state", "{\"app_name\":\"digits\",\"context\":%s}".formatted(name)), "context" + words);
    assertRefused(
        post(node.queryAddress(), "/v2/models/digits/infer", "{\"inputs\":[%s],\"parameters\":{\"context\":%s}}".formatted(tensor, name)), "context" + words);
    ModelInferRequest infer =
        request("digits", 1, ByteString.copyFrom(new byte[64 * Float.BYTES]))
            .putParameters("context", InferParameter.newBuilder().setStringParam("a\u0000").build())
            .build();
    assertThatThrownBy(() -> GRPCInferenceServiceGrpc.newBlockingStub(channel).modelInfer(infer)).hasMessage("INVALID_ARGUMENT: context" + words);
    FeedbackRequest feedback = FeedbackRequest.newBuilder().setApplication("digits").setQueryId(1).setLabel("1").setFeedbackId("a\u0000").build();
    assertThatThrownBy(() -> FeedbackGrpc.newBlockingStub(channel).update(feedback)).hasMessage("INVALID_ARGUMENT: feedback_id" + words);
  }

  private static void assertRefused(HttpResponse<String> answer, String words) {
    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(answer.body()).contains(words);
  }

  private static HttpResponse<String> post(InetSocketAddress to, String path, String body) throws IOException, InterruptedException {
    URI uri = URI.create("http://127.0.0.1:%d%s".formatted(to.getPort(), path));
    return HttpClient.newHttpClient()
        .send(HttpRequest.newBuilder(uri).POST(HttpRequest.BodyPublishers.ofString(body)).build(), HttpResponse.BodyHandlers.ofString());
  }

  /** A graph needs all of its inputs: zeros and empty strings stand for those that are missing. */
  @Test
  void inputsThatADeploymentCallsOptionalMayBeMissing() throws Exception {
    try (NodeClient client = TestNodes.client(node)) {
      Map<String, String> asked = Map.of("name", "scaling", "app", "scaling", "input_type", "x:FP32[2],count:INT64[1]?,name:BYTES[]?", "slo_micros", "20000000");
      assertThat(client.deploy(Files.readAllBytes(SEVERAL_INPUTS), asked).path("input_type").asText()).isEqualTo("x:FP32[2],count:INT64[1]?,name:BYTES[]?");
    }
    assertThat(predicted("{\"instances\":[[1,2],[3,4]]}")).contains("\"scaled\":[0.0,0.0]").contains("\"same_name\":\"\"");
    assertThat(predicted("{\"instances\":[{\"x\":[1,2],\"count\":[3]}]}")).contains("\"scaled\":[3.0,6.0]").contains("\"same_name\":\"\"");
    assertThat(predicted("{\"instances\":[{\"x\":[1,2],\"count\":[3],\"name\":\"a\"}]}")).contains("\"scaled\":[3.0,6.0]").contains("\"same_name\":\"a\"");
  }

  private static String predicted(String body) throws IOException, InterruptedException {
    return post(node.queryAddress(), "/v1/models/scaling:predict", body).body();
  }

  /** As many as {@code /config} says, and no two alike: none is answered from the cache, or together with another. */
  @Test
  void asManyRowsAsAreToldAreAnswered() {
    var client = GRPCInferenceServiceGrpc.newBlockingStub(channel);
    int rows = client.modelConfig(ModelConfigRequest.newBuilder().setName("linear-svm@model").build()).getConfig().getMaxBatchSize();
    // The node knows what the model takes by then: of the first batches one that a busy machine stalls is taken for the model's speed.
    for (int batch = 1; batch <= 10; batch++) {
      infer("linear-svm@model", 256, unlike(-256 * batch, 256));
    }
    ModelInferResponse response = infer("linear-svm@model", rows, unlike(0, rows));
    assertThat(rows).isEqualTo(16_384);
    assertThat(response.getOutputs(0).getShapeList()).containsExactly((long) rows);
  }

  /** Rows of which each begins with its number. */
  private static ByteString unlike(int first, int rows) {
    ByteBuffer pixels = ByteBuffer.allocate(rows * 64 * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    for (int row = 0; row < rows; row++) {
      pixels.putFloat(row * 64 * Float.BYTES, first + row);
    }
    return ByteString.copyFrom(pixels);
  }

  private static ModelInferResponse infer(String model, int rows) {
    return infer(model, rows, ByteString.copyFrom(new byte[rows * 64 * Float.BYTES]));
  }

  private static ModelInferResponse infer(String model, int rows, ByteString pixels) {
    return GRPCInferenceServiceGrpc.newBlockingStub(channel).modelInfer(request(model, rows, pixels).build());
  }

  private static ModelInferRequest.Builder request(String model, int rows, ByteString pixels) {
    ModelInferRequest.InferInputTensor.Builder input =
        ModelInferRequest.InferInputTensor.newBuilder().setName("input").setDatatype("FP32").addShape(rows).addShape(64);
    return ModelInferRequest.newBuilder()
        .setModelName(model)
        .addInputs(input)
        .addRawInputContents(pixels)
        .putParameters("timeout", PATIENT);
  }
}
