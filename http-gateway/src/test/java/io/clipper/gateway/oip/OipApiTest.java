package io.clipper.gateway.oip;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.clipper.catalog.CatalogChange;
import io.clipper.certainty.Certainty;
import io.clipper.gateway.GatewaySettings;
import io.clipper.gateway.Readiness;
import io.clipper.gateway.TestGateway;
import io.clipper.gateway.TestGateway.Reply;
import io.clipper.gateway.metrics.MetricNames;
import io.clipper.model.ClassProbabilities;
import io.clipper.model.Datatype;
import io.clipper.model.Input;
import io.clipper.model.NamedTensor;
import io.clipper.model.Output;
import io.clipper.model.Tensor;
import io.micrometer.core.instrument.Tags;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpRequest;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.stream.StreamSupport;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The protocol over HTTP, as its specification and its clients have it. */
class OipApiTest {
  private static final String ROW = "{\"inputs\":[{\"name\":\"x\",\"shape\":%s,\"datatype\":\"FP32\",\"data\":[1,2]}]%s}";

  private final TestGateway gateway = new TestGateway();

  @BeforeEach
  void aModelThatAddsUp() {
    gateway.application("sums", "x:FP32[-1]");
    serve("sums", "adder", "x:FP32[-1]", input -> Output.of(sum(input.first())));
  }

  @AfterEach
  void close() {
    gateway.close();
  }

  private void serve(String application, String model, String type, Function<Input, Output> function) {
    TestGateway.expectOk(gateway.model(model, "1", type));
    TestGateway.expectOk(gateway.link(application, model));
    gateway.clipper.serve(model + ":1", function);
  }

  private static double sum(Tensor tensor) {
    double sum = 0;
    for (int i = 0; i < tensor.elements(); i++) {
      sum += tensor.doubleAt(i);
    }
    return sum;
  }

  private Reply infer(String model, String body) {
    return gateway.query("/v2/models/%s/infer".formatted(model), body);
  }

  private static String sums(String data, String more) {
    return "{\"inputs\":[{\"name\":\"x\",\"shape\":[2,2],\"datatype\":\"FP32\",\"data\":%s}]%s}".formatted(data, more);
  }

  private static List<String> data(Reply reply, int output) {
    assertThat(reply.status()).as(reply.body()).isEqualTo(200);
    return texts(reply.json().get("outputs").get(output).get("data"));
  }

  private static List<String> texts(JsonNode array) {
    return StreamSupport.stream(array.spliterator(), false).map(JsonNode::asText).toList();
  }

  private static String error(Reply reply, int status) {
    assertThat(reply.status()).as(reply.body()).isEqualTo(status);
    assertThat(reply.header("Content-Type")).isEqualTo("application/json");
    assertThat(reply.json().size()).isEqualTo(1);
    return reply.json().get("error").asText();
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

  @ParameterizedTest
  @ValueSource(strings = {"[[1,2],[3,4.5]]", "[1,2,3,4.5]"})
  void rowsNestedOrFlatAreAnsweredInOrder(String data) {
    Reply reply = infer("sums", sums(data, ",\"id\":\"42\",\"model_name\":\"sums\""));
    assertThat(data(reply, 0)).containsExactly("3.0", "7.5");
    JsonNode json = reply.json();
    assertThat(json.get("model_name").asText()).isEqualTo("sums");
    assertThat(json.get("model_version").asText()).isEqualTo("1");
    assertThat(json.get("id").asText()).isEqualTo("42");
    assertThat(json.get("outputs").size()).isEqualTo(1);
    assertThat(json.get("outputs").get(0).get("shape").toString()).isEqualTo("[2]");
    assertThat(json.has("parameters")).isFalse();
  }

  @Test
  void dataMayComeBeforeWhatSaysHowToReadIt() {
    Reply reply = infer("sums", "{\"inputs\":[{\"data\":[[1,2],[3,4]],\"datatype\":\"FP32\",\"shape\":[2,2],\"name\":\"x\"}]}");
    assertThat(data(reply, 0)).containsExactly("3.0", "7.0");
  }

  @Test
  void aSingleRowSaysWhatTheApplicationThinksOfItsAnswer() {
    Reply reply = infer("sums", "{\"inputs\":[{\"name\":\"x\",\"shape\":[1,2],\"datatype\":\"FP32\",\"data\":[1,2]}],\"parameters\":{\"context\":\"anna\"}}");
    JsonNode parameters = reply.json().get("parameters");
    assertThat(parameters.get("query_id").isIntegralNumber()).isTrue();
    assertThat(parameters.get("default").asBoolean()).isFalse();
    assertThat(parameters.get("models").asText()).startsWith("[{\"name\":\"adder\"");
    assertThat(gateway.clipper.queries.getLast().context()).contains("anna");
  }

  @Test
  void whatTheApplicationThinksIsATensorOnlyWhereItIsAskedFor() {
    Reply reply =
        infer("sums", sums("[1,2,3,4]", ",\"outputs\":[{\"name\":\"query_id\"},{\"name\":\"output\"},{\"name\":\"default\"},{\"name\":\"agreement\"}]"));
    assertThat(data(reply, 1)).containsExactly("3.0", "7.0");
    assertThat(data(reply, 2)).containsExactly("false", "false");
    assertThat(data(reply, 3)).containsExactly("1.0", "1.0");
    assertThat(reply.json().get("outputs").get(0).get("datatype").asText()).isEqualTo("INT64");
    assertThat(reply.json().get("outputs").get(0).get("shape").toString()).isEqualTo("[2]");
    assertThat(error(infer("sums", sums("[1,2,3,4]", ",\"outputs\":[{\"name\":\"z\"}]")), 400)).contains("'z'", "[output]");
  }

  @Test
  void whatTheApplicationIsSureOfIsThereByName() {
    String asked = ",\"outputs\":[{\"name\":\"set\"},{\"name\":\"models\"},{\"name\":\"confidence\"}]";
    gateway.clipper.confidence = OptionalDouble.of(0.75);
    gateway.clipper.certainty = Optional.of(new Certainty.PredictionSet(List.of("cat", "dog"), false, true));
    Reply sets = infer("sums", sums("[1,2,3,4]", asked));
    assertThat(data(sets, 0)).containsExactly("[\"cat\",\"dog\"]", "[\"cat\",\"dog\"]");
    assertThat(data(sets, 1)).hasSize(2).allMatch(models -> models.startsWith("[{\"name\":\"adder\""));
    assertThat(data(sets, 2)).containsExactly("0.75", "0.75");
    assertThat(sets.json().get("outputs").get(0).get("datatype").asText()).isEqualTo("BYTES");
    assertThat(shapes(sets)).containsExactly("[2]", "[2]", "[2]");
    assertThat(shapes(infer("sums", ROW.formatted("[2]", asked)))).containsExactly("[1]", "[1]", "[1]");
    assertThat(error(infer("sums", sums("[1,2,3,4]", ",\"outputs\":[{\"name\":\"interval\"}]")), 400)).contains("'interval'");
  }

  @ParameterizedTest
  @ValueSource(strings = {"[2]", "[1,2]"})
  void anIntervalHasARowOfItsOwnWithAndWithoutABatch(String shape) {
    gateway.clipper.certainty = Optional.of(new Certainty.PredictionInterval(Double.NEGATIVE_INFINITY, 4.5, true));
    Reply reply = infer("sums", ROW.formatted(shape, ",\"outputs\":[{\"name\":\"interval\"}]"));
    assertThat(data(reply, 0)).containsExactly("null", "4.5");
    assertThat(shapes(reply)).containsExactly("[1,2]");
    assertThat(reply.json().get("parameters").has("interval")).isTrue();
  }

  private static List<String> shapes(Reply reply) {
    assertThat(reply.status()).as(reply.body()).isEqualTo(200);
    return StreamSupport.stream(reply.json().get("outputs").spliterator(), false).map(output -> output.get("shape").toString()).toList();
  }

  @Test
  void aTimeoutIsTheQuerysDeadline() {
    infer("sums", sums("[1,2,3,4]", ",\"parameters\":{\"timeout\":1500,\"priority\":1}"));
    assertThat(gateway.clipper.queries.getLast().budget()).contains(Duration.ofNanos(1_500_000));
    infer("adder@model", sums("[1,2,3,4]", ",\"parameters\":{\"timeout\":2500}"));
    assertThat(gateway.clipper.budgets.getLast()).isEqualTo(Duration.ofNanos(2_500_000));
    assertThat(error(infer("sums", sums("[1,2,3,4]", ",\"parameters\":{\"timeout\":\"soon\"}")), 400)).contains("timeout");
    assertThat(error(infer("sums", sums("[1,2,3,4]", ",\"parameters\":{\"priority\":-1}")), 400)).contains("priority");
  }

  @Test
  void aModelAskedDirectlyIsNoQueryOfAnApplication() {
    Reply reply = infer("adder@model", sums("[1,2,3,4]", ""));
    assertThat(data(reply, 0)).containsExactly("3.0", "7.0");
    assertThat(reply.json().has("parameters")).isFalse();
    assertThat(data(infer("adder", sums("[1,2,3,4]", "")), 0)).containsExactly("3.0", "7.0");
    assertThat(gateway.clipper.queries).isEmpty();
  }

  @Test
  void aModelsOwnErrorIsAFailureAndAMissingReplicaIsUnavailable() {
    gateway.clipper.serve(
        "adder:1",
        input -> {
          throw new IllegalStateException("the model is broken");
        });
    assertThat(error(infer("adder@model", sums("[1,2,3,4]", "")), 500)).isEqualTo("the model is broken");
    TestGateway.expectOk(gateway.model("unserved", "1", "x:FP32[-1]"));
    assertThat(error(infer("unserved", sums("[1,2,3,4]", "")), 503)).contains("no replica");
  }

  @Test
  void aRowThatNoModelAnsweredHasTheDefaultOutputAmongTheOthers() {
    gateway.admin("update_app", "{\"name\":\"sums\",\"default_output\":\"-1\"}");
    data(infer("sums", sums("[1,2,3,4]", "")), 0);
    gateway.clipper.full = true;
    Reply reply = infer("sums", sums("[1,2,3,4]", ",\"outputs\":[{\"name\":\"output\"},{\"name\":\"default\"}]"));
    assertThat(data(reply, 0)).containsExactly("-1.0", "-1.0");
    assertThat(data(reply, 1)).containsExactly("true", "true");
    gateway.admin("update_app", "{\"name\":\"sums\",\"default_output\":\"none\"}");
    assertThat(data(infer("sums", sums("[1,2,3,4]", "")), 0)).containsExactly("null", "null");
  }

  @Test
  void oneRowThatFailedHasTheDefaultOutputAndTheOthersTheirAnswers() {
    gateway.admin("update_app", "{\"name\":\"sums\",\"default_output\":\"-1\"}");
    gateway.clipper.serve(
        "adder:1",
        input -> {
          if (sum(input.first()) < 0) {
            throw new IllegalStateException("no sum below zero");
          }
          return Output.of(sum(input.first()));
        });
    String body =
        "{\"inputs\":[{\"name\":\"x\",\"shape\":[3,1],\"datatype\":\"FP32\",\"data\":[5,-5,7]}],"
            + "\"outputs\":[{\"name\":\"output\"},{\"name\":\"default\"},{\"name\":\"query_id\"}]}";
    Reply reply = infer("sums", body);
    assertThat(data(reply, 0)).containsExactly("5.0", "-1.0", "7.0");
    assertThat(data(reply, 1)).containsExactly("false", "true", "false");
    assertThat(reply.json().get("outputs").get(2).get("shape").toString()).isEqualTo("[3]");
  }

  @Test
  void anImageGoesThroughEveryDoorUpToTheLimit() {
    String type = "pixels:FP32[3,700,700]";
    gateway.application("large", type);
    serve("large", "first", type, input -> Output.of(input.first().doubleAt(0)));
    int elements = 3 * 700 * 700;
    String shape = "\"name\":\"pixels\",\"shape\":[2,3,700,700],\"datatype\":\"FP32\"";
    String json = "{\"inputs\":[{%s,\"data\":[1%s]}]}".formatted(shape, ",2".repeat(2 * elements - 1));
    assertThat(data(infer("large", json), 0)).containsExactly("1.0", "2.0");
    String head = "{\"inputs\":[{%s,\"parameters\":{\"binary_data_size\":%d}}]}".formatted(shape, 8 * elements);
    byte[] body = Arrays.copyOf(head.getBytes(StandardCharsets.UTF_8), head.length() + 8 * elements);
    Reply reply =
        gateway.send(
            HttpRequest.newBuilder(gateway.queries("/v2/models/large/infer"))
                .header("Inference-Header-Content-Length", Integer.toString(head.length()))
                .POST(HttpRequest.BodyPublishers.ofByteArray(body)));
    assertThat(data(reply, 0)).containsExactly("0.0", "0.0");
    assertThat(error(gateway.query("/v2/models/large/infer", json.replace(",2", ",2.000000")), 413)).isEqualTo("the body is larger than 16777216 bytes");
  }

  @Test
  void aModelThatIsLoadedAgainHasTheReplicasThatItHad() {
    gateway.clipper.change(new CatalogChange.SetReplicas("adder", 3)).toCompletableFuture().join();
    assertThat(gateway.query("/v2/repository/models/adder/unload", "").status()).isEqualTo(200);
    assertThat(gateway.clipper.model("adder").orElseThrow().replicas()).isZero();
    assertThat(gateway.query("/v2/repository/models/adder/load", "").status()).isEqualTo(200);
    assertThat(gateway.clipper.model("adder").orElseThrow().replicas()).isEqualTo(3);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/v2/models/sums/infer", "/v1/models/sums:predict", "/invocations", "/v2/repository/index"})
  void aBodyThatDoesNotArriveIsToldAsTheProtocolTellsErrors(String path) throws IOException {
    GatewaySettings usual = TestGateway.settings();
    GatewaySettings impatient =
        new GatewaySettings("127.0.0.1", 0, "127.0.0.1", 0, usual.maxBodyBytes(), usual.maxArtifactBytes(), Duration.ofMillis(50), Optional.empty(), false, usual.oip());
    try (TestGateway waiting = new TestGateway(ignored -> impatient);
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), waiting.gateway.queryAddress().getPort())) {
      waiting.application("sums", "x:FP32[-1]");
      String head = "POST %s HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{".formatted(path);
      socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
      String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(answer).startsWith("HTTP/1.1 408 ").contains("Content-Type: application/json\r\n");
      assertThat(answer).endsWith("{\"error\":\"the body was not there within 0 s\"}");
    }
  }

  @Test
  void anApplicationThatRefusesForWantOfRoomIsUnavailable() {
    gateway.admin("update_app", "{\"name\":\"sums\",\"on_overload\":\"refuse\"}");
    gateway.clipper.full = true;
    assertThat(error(infer("sums", sums("[1,2,3,4]", "")), 503)).isEqualTo("no room");
  }

  @Test
  void aVersionOfAnApplicationIsThatOfItsOnlyModel() {
    assertThat(data(infer("sums/versions/1", sums("[1,2,3,4]", "")), 0)).containsExactly("3.0", "7.0");
    assertThat(gateway.clipper.queries.getLast().version()).contains("1");
    assertThat(error(infer("sums/versions/7", sums("[1,2,3,4]", "")), 404)).startsWith("Request for unknown model");
    TestGateway.expectOk(gateway.model("other", "1", "x:FP32[-1]"));
    TestGateway.expectOk(gateway.link("sums", "other"));
    assertThat(error(infer("sums/versions/1", sums("[1,2,3,4]", "")), 400)).contains("linked to 2 models");
  }

  @Test
  void whatIsNotThereIsNotFound() {
    assertThat(error(infer("nope", sums("[1,2,3,4]", "")), 404)).startsWith("Request for unknown model: 'nope'");
    assertThat(error(gateway.get(gateway.queries("/v2/models/nope")), 404)).startsWith("Request for unknown model: 'nope'");
    assertThat(error(gateway.get(gateway.queries("/v2/models/nope/ready")), 404)).contains("nope");
    assertThat(error(gateway.get(gateway.queries("/v2/nope")), 404)).startsWith("Not Found");
    assertThat(error(gateway.get(gateway.queries("/v2/models/sums/infer")), 405)).isEqualTo("Method Not Allowed");
    assertThat(gateway.get(gateway.queries("/v2/models/sums/infer")).header("Allow")).isEqualTo("POST");
    assertThat(error(gateway.query("/v2/health/live", "{}"), 405)).isEqualTo("Method Not Allowed");
    for (String path : List.of("/v2/repository", "/v2/repository/", "/v2/repository/models", "/v2/repository/models/adder", "/v2/repository/main/")) {
      assertThat(error(gateway.query(path, "{}"), 404)).isEqualTo("Not Found: nothing is at " + path);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{ | JSON parse error",
        "[] | not a JSON object",
        "{} | no 'inputs'",
        "{\"inputs\":[]} | 'x' is missing",
        "{\"inputs\":[{\"name\":\"x\",\"shape\":[1,2],\"datatype\":\"FP32\",\"data\":[1]}]} | has 1 elements",
        "{\"inputs\":[{\"name\":\"x\",\"shape\":[1,2],\"datatype\":\"FP32\",\"data\":[1,2,3]}]} | more elements than the 2",
        "{\"inputs\":[{\"name\":\"x\",\"shape\":[1,2],\"datatype\":\"FP32\",\"data\":[[1],[2]]}]} | in dimension 1",
        "{\"inputs\":[{\"name\":\"x\",\"shape\":[1,2],\"datatype\":\"FP32\",\"data\":[1,\"2\"]}]} | element 1 of input 'x'",
        "{\"inputs\":[{\"name\":\"x\",\"shape\":[1,2],\"datatype\":\"FP99\",\"data\":[1,2]}]} | datatype 'FP99'",
        "{\"inputs\":[{\"name\":\"x\",\"shape\":[1,2],\"datatype\":\"INT8\",\"data\":[1,2]}]} | is INT8, expected FP32",
        "{\"inputs\":[{\"name\":\"x\",\"shape\":[1,1,2],\"datatype\":\"FP32\",\"data\":[1,2]}]} | got [1, 1, 2], expected [-1, -1]",
        "{\"inputs\":[{\"name\":\"x\",\"shape\":[0,2],\"datatype\":\"FP32\",\"data\":[]}]} | 0 rows",
        "{\"inputs\":[{\"name\":\"x\",\"shape\":[-1,2],\"datatype\":\"FP32\",\"data\":[1,2]}]} | extent 0",
        "{\"inputs\":[{\"name\":\"x\",\"shape\":[1,2],\"datatype\":\"FP32\"}]} | neither data nor binary_data_size",
        "{\"inputs\":[{\"name\":\"y\",\"shape\":[1,2],\"datatype\":\"FP32\",\"data\":[1,2]}]} | 'x' is missing",
        "{\"inputs\":[{\"name\":\"x\",\"shape\":[4294967296,4294967296],\"datatype\":\"FP32\",\"data\":[1,2]}]} | more elements than can be counted",
        "{\"inputs\":[{\"name\":\"x\",\"shape\":[1,9223372036854775807],\"datatype\":\"FP32\",\"data\":[1,2]}]} | more than the request can hold",
        "{\"inputs\":[{\"name\":\"x\",\"shape\":[1,18446744073709551616],\"datatype\":\"FP32\",\"data\":[1,2]}]} | extent 1",
        "{\"inputs\":[{\"name\":\"x\",\"shape\":[1000000000,0],\"datatype\":\"FP32\",\"data\":[]}]} | outside 1..16384",
        "{\"inputs\":[{\"name\":\"x\",\"shape\":[16384,0],\"datatype\":\"FP32\",\"data\":[]}]} | rows of nothing",
        "{\"inputs\":[{\"name\":\"x\",\"shape\":[1,2],\"datatype\":\"FP32\",\"parameters\":{\"binary_data_size\":8}}]} | where 0 are left",
        "{\"inputs\":[{\"name\":\"x\",\"shape\":[1,2],\"datatype\":\"FP32\",\"parameters\":{\"binary_data_size\":-8}}]} | binary_data_size",
        "{\"inputs\":[{\"name\":\"x\",\"shape\":[1,2],\"datatype\":\"FP32\",\"data\":[1,2]}]}x | JSON parse error",
        "{\"inputs\":[{\"name\":\"x\",\"shape\":[1,2],\"datatype\":\"FP32\",\"data\":[1,2]}]}{} | text follows",
      })
  void aMalformedRequestIsToldWhatIsWrongAndAsksNobody(String body, String said) {
    assertThat(error(infer("sums", body), 400)).contains(said);
    assertThat(gateway.clipper.queries).isEmpty();
  }

  @Test
  void nestingWithoutEndIsRefused() {
    String deep = "{\"inputs\":[{\"name\":\"x\",\"shape\":[1,2],\"datatype\":\"FP32\",\"data\":%s".formatted("[".repeat(100_000));
    assertThat(error(infer("sums", deep), 400)).isNotEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "BOOL,'true,false','[true,false]'", "UINT8,'0,255','[0,255]'", "UINT16,'0,65535','[0,65535]'", "UINT32,'0,4294967295','[0,4294967295]'",
    "UINT64,'0,18446744073709551615','[0,18446744073709551615]'", "INT8,'-128,127','[-128,127]'", "INT16,'-32768,32767','[-32768,32767]'",
    "INT32,'-2147483648,2147483647','[-2147483648,2147483647]'", "INT64,'-9223372036854775808,9223372036854775807','[-9223372036854775808,9223372036854775807]'",
    "FP16,'0.5,-2','[0.5,-2.0]'", "BF16,'0.5,-2','[0.5,-2.0]'", "FP32,'0.1,1e30','[0.1,1.0E30]'", "FP64,'0.1,1e300','[0.1,1.0E300]'"
  })
  void everyDatatypeGoesThroughInJson(String datatype, String sent, String back) {
    gateway.application("echo", "x:%s[2]".formatted(datatype));
    serve("echo", "same", "x:%s[2]".formatted(datatype), input -> Output.of(input.first()));
    Reply reply = infer("echo", "{\"inputs\":[{\"name\":\"x\",\"shape\":[1,2],\"datatype\":\"%s\",\"data\":[%s]}]}".formatted(datatype, sent));
    assertThat(reply.body()).contains("\"datatype\":\"%s\",\"shape\":[1,2],\"data\":%s".formatted(datatype, back));
  }

  @Test
  void bytesGoThroughAsTextAndAsTheyAreInBinary() {
    gateway.application("echo", "x:BYTES[2]");
    serve("echo", "same", "x:BYTES[2]", input -> Output.of(input.first()));
    Reply reply = infer("echo", "{\"inputs\":[{\"name\":\"x\",\"shape\":[1,2],\"datatype\":\"BYTES\",\"data\":[\"ä\",\"\"]}]}");
    assertThat(data(reply, 0)).containsExactly("ä", "");
    byte[] elements = {2, 0, 0, 0, (byte) 0xFF, 7, 0, 0, 0, 0};
    String json = "{\"inputs\":[{\"name\":\"x\",\"shape\":[1,2],\"datatype\":\"BYTES\",\"parameters\":{\"binary_data_size\":10}}]%s}";
    assertThat(tail(binary("echo", json.formatted(",\"parameters\":{\"binary_data_output\":true}"), elements))).isEqualTo(elements);
    assertThat(error(binary("echo", json.formatted(""), elements), 400)).contains("not UTF-8");
  }

  private Reply binary(String model, String json, byte[] tail) {
    byte[] head = json.getBytes(StandardCharsets.UTF_8);
    return send(model, Integer.toString(head.length), joined(head, tail));
  }

  private Reply send(String model, String headerLength, byte[] body) {
    return gateway.send(
        HttpRequest.newBuilder(gateway.queries("/v2/models/%s/infer".formatted(model)))
            .header("Inference-Header-Content-Length", headerLength)
            .header("Content-Type", "application/octet-stream")
            .POST(HttpRequest.BodyPublishers.ofByteArray(body)));
  }

  private static byte[] joined(byte[] head, byte[] tail) {
    byte[] all = Arrays.copyOf(head, head.length + tail.length);
    System.arraycopy(tail, 0, all, head.length, tail.length);
    return all;
  }

  private static byte[] tail(Reply reply) {
    byte[] body = reply.response().body();
    assertThat(reply.status()).as(reply.body()).isEqualTo(200);
    assertThat(reply.header("Content-Type")).isEqualTo("application/octet-stream");
    return Arrays.copyOfRange(body, Integer.parseInt(reply.header("Inference-Header-Content-Length")), body.length);
  }

  private static byte[] floats(float... values) {
    ByteBuffer bytes = ByteBuffer.allocate(values.length * 4).order(ByteOrder.LITTLE_ENDIAN);
    for (float value : values) {
      bytes.putFloat(value);
    }
    return bytes.array();
  }

  @Test
  void binaryRowsAreAnsweredInBinaryOrJsonAsIsAsked() {
    String input = "\"inputs\":[{\"name\":\"x\",\"shape\":[2,2],\"datatype\":\"FP32\",\"parameters\":{\"binary_data_size\":16}}]";
    Reply json = binary("sums", "{%s}".formatted(input), floats(1, 2, 3, 4));
    assertThat(json.header("Content-Type")).isEqualTo("application/json");
    assertThat(json.header("Inference-Header-Content-Length")).isEmpty();
    assertThat(data(json, 0)).containsExactly("3.0", "7.0");
    String outputs = ",\"outputs\":[{\"name\":\"default\"},{\"name\":\"output\",\"parameters\":{\"binary_data\":true}}]";
    Reply binary = binary("sums", "{%s%s}".formatted(input, outputs), floats(1, 2, 3, 4));
    ByteBuffer sums = ByteBuffer.wrap(tail(binary)).order(ByteOrder.LITTLE_ENDIAN);
    assertThat(new double[] {sums.getDouble(), sums.getDouble()}).containsExactly(3, 7);
    assertThat(binary.body()).contains("{\"name\":\"default\",\"datatype\":\"BOOL\",\"shape\":[2],\"data\":[false,false]}");
  }

  @ParameterizedTest
  @EnumSource(value = Datatype.class, names = "BYTES", mode = EnumSource.Mode.EXCLUDE)
  void everyDatatypeGoesThroughInBinary(Datatype datatype) {
    gateway.application("echo", "x:%s[2]".formatted(datatype));
    serve("echo", "same", "x:%s[2]".formatted(datatype), input -> Output.of(input.first()));
    byte[] rows = new byte[4 * datatype.elementBytes()];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = (byte) (datatype == Datatype.BOOL ? i % 2 : 0x3f - 37 * i);
    }
    String json =
        "{\"parameters\":{\"binary_data_output\":true},\"inputs\":[{\"name\":\"x\",\"shape\":[2,2],\"datatype\":\"%s\",\"parameters\":{\"binary_data_size\":%d}}]}"
            .formatted(datatype, rows.length);
    Reply reply = binary("echo", json, rows);
    assertThat(tail(reply)).isEqualTo(rows);
    assertThat(reply.body()).contains("\"datatype\":\"%s\",\"shape\":[2,2]".formatted(datatype));
  }

  @Test
  void severalBinaryInputsFollowEachOtherInOneBody() {
    String type = "x:FP32[2],t:BYTES[],w:FP32[1]";
    gateway.application("several", type);
    serve(
        "several",
        "joined",
        type,
        input ->
            Output.of(
                "%s %s %s".formatted(
                    sum(input.named("x").orElseThrow()), input.named("t").orElseThrow().strings(), input.named("w").orElseThrow().doubleAt(0))));
    String json =
        "{\"inputs\":[{\"name\":\"t\",\"shape\":[2],\"datatype\":\"BYTES\",\"parameters\":{\"binary_data_size\":9}},"
            + "{\"name\":\"w\",\"shape\":[2,1],\"datatype\":\"FP32\",\"data\":[0.5,0.25]},"
            + "{\"name\":\"x\",\"shape\":[2,2],\"datatype\":\"FP32\",\"parameters\":{\"binary_data_size\":16}}]}";
    byte[] texts = {1, 0, 0, 0, 'a', 0, 0, 0, 0};
    assertThat(data(binary("several", json, joined(texts, floats(1, 2, 3, 4))), 0)).containsExactly("3.0 [a] 0.5", "7.0 [] 0.25");
  }

  @Test
  void aRawRequestIsOneRowAndAnsweredInBinary() {
    ByteBuffer sum = ByteBuffer.wrap(tail(send("sums", "0", floats(1, 2, 4)))).order(ByteOrder.LITTLE_ENDIAN);
    assertThat(sum.getDouble()).isEqualTo(7);
    gateway.application("texts", "strings");
    serve("texts", "length", "strings", input -> Output.of((long) input.first().strings().getFirst().length()));
    assertThat(tail(send("texts", "0", "hello".getBytes(StandardCharsets.UTF_8)))[0]).isEqualTo((byte) 5);
  }

  @ParameterizedTest
  @CsvSource({"-1,outside", "1000000,outside", "x,outside", "99999999999999999999,outside", "10,JSON parse error"})
  void aHeaderLengthThatLiesIsRefused(String length, String said) {
    assertThat(error(send("sums", length, sums("[1,2,3,4]", "").getBytes(StandardCharsets.UTF_8)), 400)).contains(said);
  }

  @Test
  void bytesThatLieAboutTheirLengthAreRefused() {
    gateway.application("texts", "strings");
    String json = "{\"inputs\":[{\"name\":\"input\",\"shape\":[1,1],\"datatype\":\"BYTES\",\"parameters\":{\"binary_data_size\":%d}}]}";
    assertThat(error(binary("texts", json.formatted(6), new byte[] {100, 0, 0, 0, 1, 2}), 400)).contains("runs past the end");
    assertThat(error(binary("texts", json.formatted(6), new byte[] {-1, -1, -1, -1, 1, 2}), 400)).contains("runs past the end");
    assertThat(error(binary("texts", json.formatted(6), new byte[] {1, 0, 0, 0, 1, 2}), 400)).contains("1 bytes behind");
    assertThat(error(binary("texts", json.formatted(5), new byte[] {1, 0, 0, 0, 1, 2}), 400)).contains("1 bytes follow");
    assertThat(error(binary("texts", json.formatted(7), new byte[] {1, 0, 0, 0, 1, 2}), 400)).contains("where 6 are left");
  }

  @ParameterizedTest
  @ValueSource(strings = {"gzip", "deflate"})
  void compressedBodiesGoBothWays(String encoding) throws IOException {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (OutputStream stream = encoding.equals("gzip") ? new GZIPOutputStream(packed) : new DeflaterOutputStream(packed)) {
      stream.write(sums("[1,2,3,4]", "").getBytes(StandardCharsets.UTF_8));
    }
    HttpRequest.Builder request =
        HttpRequest.newBuilder(gateway.queries("/v2/models/sums/infer"))
            .header("Content-Encoding", encoding)
            .POST(HttpRequest.BodyPublishers.ofByteArray(packed.toByteArray()));
    assertThat(data(gateway.send(request), 0)).containsExactly("3.0", "7.0");
    Reply answer = gateway.send(request.header("Accept-Encoding", "gzip"));
    assertThat(answer.header("Content-Encoding")).isEqualTo("gzip");
    assertThat(new String(new GZIPInputStream(new ByteArrayInputStream(answer.response().body())).readAllBytes(), StandardCharsets.UTF_8)).contains("[3.0,7.0]");
  }

  @Test
  void anEncodingThatIsNoneIsToldApart() {
    HttpRequest.Builder wrong =
        HttpRequest.newBuilder(gateway.queries("/v2/models/sums/infer")).header("Content-Encoding", "br").POST(HttpRequest.BodyPublishers.ofString("x"));
    assertThat(error(gateway.send(wrong), 501)).contains("'br'");
    HttpRequest.Builder broken =
        HttpRequest.newBuilder(gateway.queries("/v2/models/sums/infer")).header("Content-Encoding", "gzip").POST(HttpRequest.BodyPublishers.ofString("x"));
    assertThat(error(gateway.send(broken), 400)).contains("gzip");
  }

  @Test
  void aBodyThatUnpacksWithoutEndIsRefused() throws IOException {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (OutputStream stream = new GZIPOutputStream(packed)) {
      stream.write(new byte[17 << 20]);
    }
    HttpRequest.Builder bomb =
        HttpRequest.newBuilder(gateway.queries("/v2/models/sums/infer"))
            .header("Content-Encoding", "gzip")
            .POST(HttpRequest.BodyPublishers.ofByteArray(packed.toByteArray()));
    assertThat(error(gateway.send(bomb), 413)).contains("when it is unpacked");
  }

  @Test
  void severalNamedInputsAndOutputsGoThrough() {
    String type = "ids:INT64[2],weight:FP64[]";
    gateway.application("pair", type);
    serve(
        "pair",
        "two",
        type,
        input ->
            new Output(
                List.of(new NamedTensor("ids", input.named("ids").orElseThrow()), new NamedTensor("weight", input.named("weight").orElseThrow())),
                Optional.empty()));
    String body =
        "{\"inputs\":[{\"name\":\"weight\",\"shape\":[2],\"datatype\":\"FP64\",\"data\":[0.5,0.25]},"
            + "{\"name\":\"ids\",\"shape\":[2,2],\"datatype\":\"INT64\",\"data\":[1,2,3,4]}]}";
    Reply reply = infer("pair", body);
    assertThat(data(reply, 0)).containsExactly("1", "2", "3", "4");
    assertThat(data(reply, 1)).containsExactly("0.5", "0.25");
    assertThat(error(infer("pair", body.replace("[2],", "[1],").replace("0.5,", "")), 400)).contains("rows");
  }

  /** As JSON, as binary data, and raw; the count of rows is that of the first tensor that is given, wherever it stands in the signature. */
  @Test
  void anOptionalInputMayBeMissing() {
    gateway.application("masked", "mask:INT32[2]?,x:FP32[2]");
    serve(
        "masked",
        "masks",
        "mask:INT32[2]?,x:FP32[2]",
        input -> Output.of(sum(input.named("x").orElseThrow()) * input.named("mask").map(OipApiTest::sum).orElse(-1.0)));
    String mask = "{\"name\":\"mask\",\"shape\":[2,2],\"datatype\":\"INT32\",\"data\":[1,1,0,3]}";

    assertThat(data(infer("masked", sums("[1,2,3,4]", "")), 0)).containsExactly("-3.0", "-7.0");
    assertThat(data(infer("masks@model", sums("[1,2,3,4]", "")), 0)).containsExactly("-3.0", "-7.0");
    assertThat(data(infer("masked", sums("[1,2,3,4]", "").replace("}]", "}," + mask + "]")), 0)).containsExactly("6.0", "21.0");
    assertThat(error(infer("masked", "{\"inputs\":[%s]}".formatted(mask)), 400)).isEqualTo("inference input 'x' is missing: it is FP32 of shape [-1, 2]");
    assertThat(error(infer("masked", sums("[1,2,3,4]", "").replace("}]", "}," + mask.replace("mask", "musk") + "]")), 400))
        .isEqualTo("unexpected inference input 'musk': the inputs are 'mask' INT32[-1, 2]?, 'x' FP32[-1, 2]");

    String header = "{\"inputs\":[{\"name\":\"x\",\"shape\":[2,2],\"datatype\":\"FP32\",\"parameters\":{\"binary_data_size\":16}}]}";
    assertThat(data(binary("masked", header, floats(1, 2, 3, 4)), 0)).containsExactly("-3.0", "-7.0");
    assertThat(send("masked", "0", floats(1, 2)).status()).isEqualTo(200);
    assertThat(gateway.clipper.queries.getLast().input()).isEqualTo(new Input(List.of(new NamedTensor("x", Tensor.ofFloats(1, 2)))));
  }

  @Test
  void theConfigurationSaysWhichInputsAreOptional() {
    gateway.application("masked", "x:FP32[2],mask:INT32[2]?");
    JsonNode inputs = gateway.get(gateway.queries("/v2/models/masked/config")).json().get("input");
    assertThat(inputs.get(0).get("optional").asBoolean()).isFalse();
    assertThat(inputs.get(1).get("optional").asBoolean()).isTrue();
  }

  @Test
  void aRequestOfNothingButOptionalInputsHasOneAtLeast() {
    gateway.application("either", "image:UINT8[2]?,text:BYTES[1]?");
    assertThat(error(infer("either", "{\"inputs\":[]}"), 400)).contains("'image' UINT8[-1, 2]?, 'text' BYTES[-1, 1]?");
  }

  @Test
  void anInputWithoutABatchDimensionIsAnsweredWithoutOne() {
    gateway.application("image", "pixels:UINT8[2,3]");
    serve("image", "same", "pixels:UINT8[2,3]", input -> Output.of(input.first()));
    Reply reply = infer("image", "{\"inputs\":[{\"name\":\"pixels\",\"shape\":[2,3],\"datatype\":\"UINT8\",\"data\":[[1,2,3],[4,5,6]]}]}");
    assertThat(reply.json().get("outputs").get(0).get("shape").toString()).isEqualTo("[2,3]");
  }

  @Test
  void theHighestClassesAreNamedByValueIndexAndLabel() {
    gateway.application("animals", "x:FP32[1]");
    ClassProbabilities probabilities = new ClassProbabilities(List.of("cat", "dog", "owl"), new double[] {0.25, 0.125, 0.625});
    serve(
        "animals",
        "guess",
        "x:FP32[1]",
        input -> new Output(List.of(new NamedTensor("label", Tensor.ofStrings("owl").reshaped())), Optional.of(probabilities)));
    String input = "{\"inputs\":[{\"name\":\"x\",\"shape\":[1,1],\"datatype\":\"FP32\",\"data\":[1]}],\"outputs\":";
    Reply reply = infer("animals", input + "[{\"name\":\"label\",\"parameters\":{\"classification\":2}},{\"name\":\"probabilities\"}]}");
    assertThat(data(reply, 0)).containsExactly("0.625000:2:owl", "0.250000:0:cat");
    assertThat(reply.json().get("outputs").get(0).get("datatype").asText()).isEqualTo("BYTES");
    assertThat(reply.json().get("outputs").get(0).get("shape").toString()).isEqualTo("[1,2]");
    assertThat(data(reply, 1)).containsExactly("0.25", "0.125", "0.625");
  }

  @Test
  void statisticsCountWhatAnApplicationAnswered() {
    assertThat(gateway.get(gateway.queries("/v2/models/sums/stats")).json().get("model_stats").get(0).get("last_inference").asLong()).isZero();
    long before = System.currentTimeMillis();
    data(infer("sums", sums("[1,2,3,4]", "")), 0);
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
  void statisticsOfAnApplicationCountWhatFailed() {
    gateway.clipper.fault = Optional.of(new IllegalArgumentException("a bug"));
    assertThat(infer("sums", sums("[1,2,3,4]", "")).status()).isEqualTo(500);
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
  void aPageOfAnotherSiteDoesNotUnload() {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(gateway.queries("/v2/repository/models/adder@model/unload"))
            .header("Origin", "http://evil.example")
            .POST(HttpRequest.BodyPublishers.noBody());
    assertThat(error(gateway.send(request), 403)).contains("evil.example");
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
  void aScalarIsConfiguredAsAVectorOfOneAndTakenAsSuch() {
    gateway.application("scalars", "x:FP32[]");
    serve("scalars", "double", "x:FP32[]", input -> Output.of(2 * input.first().doubleAt(0)));
    JsonNode config = gateway.get(gateway.queries("/v2/models/scalars/config")).json();
    assertThat(config.get("input").get(0).get("dims").toString()).isEqualTo("[1]");
    assertThat(config.get("input").get(0).get("reshape").toString()).isEqualTo("{\"shape\":[]}");
    for (String shape : List.of("[2]", "[2,1]")) {
      String body = "{\"inputs\":[{\"name\":\"x\",\"shape\":%s,\"datatype\":\"FP32\",\"data\":[1,2]}]}".formatted(shape);
      assertThat(data(infer("scalars", body), 0)).containsExactly("2.0", "4.0");
    }
  }

  @Test
  void traceAndLogSettingsAreReadAndNotChanged() {
    assertThat(gateway.get(gateway.queries("/v2/trace/setting")).body()).isEqualTo("{\"trace_level\":[\"OFF\"]}");
    assertThat(gateway.get(gateway.queries("/v2/logging")).body()).isEqualTo("{}");
    assertThat(error(gateway.query("/v2/logging", "{\"log_info\":false}"), 501)).contains("cannot be changed");
  }
}
