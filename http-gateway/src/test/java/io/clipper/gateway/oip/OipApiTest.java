package io.clipper.gateway.oip;

import static io.clipper.gateway.oip.SumsOverHttp.data;
import static io.clipper.gateway.oip.SumsOverHttp.error;
import static io.clipper.gateway.oip.SumsOverHttp.sum;
import static io.clipper.gateway.oip.SumsOverHttp.sums;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.clipper.certainty.Certainty;
import io.clipper.gateway.GatewaySettings;
import io.clipper.gateway.TestGateway;
import io.clipper.gateway.TestGateway.Reply;
import io.clipper.model.Datatype;
import io.clipper.model.Output;
import io.clipper.model.Signature;
import io.clipper.model.Tensor;
import io.clipper.model.TensorSpec;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Inference over HTTP, as its specification and its clients have it. */
class OipApiTest {
  private static final String ROW = "{\"inputs\":[{\"name\":\"x\",\"shape\":%s,\"datatype\":\"FP32\",\"data\":[1,2]}]%s}";

  private final SumsOverHttp http = new SumsOverHttp();
  private final TestGateway gateway = http.gateway;

  @AfterEach
  void close() {
    http.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"[[1,2],[3,4.5]]", "[1,2,3,4.5]"})
  void rowsNestedOrFlatAreAnsweredInOrder(String data) {
    Reply reply = http.infer("sums", sums(data, ",\"id\":\"42\",\"model_name\":\"sums\""));
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
    Reply reply = http.infer("sums", "{\"inputs\":[{\"data\":[[1,2],[3,4]],\"datatype\":\"FP32\",\"shape\":[2,2],\"name\":\"x\"}]}");
    assertThat(data(reply, 0)).containsExactly("3.0", "7.0");
  }

  /** As MLServer's own classes are written by its clients. */
  @Test
  void aNullIsAKeyThatIsNotThere() {
    String parameters = "{\"content_type\":null,\"headers\":null}";
    String input = "{\"name\":\"x\",\"shape\":[2,2],\"datatype\":\"FP32\",\"parameters\":null,\"data\":[1,2,3,4]}";
    String outputs = "[{\"name\":\"output\",\"parameters\":null}]";
    String body = "{\"id\":null,\"parameters\":%s,\"inputs\":[%s],\"outputs\":%s}";
    assertThat(data(http.infer("sums", body.formatted("null", input, "null")), 0)).containsExactly("3.0", "7.0");
    Reply reply = http.infer("sums", body.formatted(parameters, input, outputs));
    assertThat(data(reply, 0)).containsExactly("3.0", "7.0");
    assertThat(reply.json().has("id")).isFalse();
    assertThat(error(http.infer("sums", "{\"inputs\":null}"), 400)).isEqualTo("the request has no 'inputs'");
  }

  @Test
  void aSingleRowSaysWhatTheApplicationThinksOfItsAnswer() {
    Reply reply = http.infer("sums", "{\"inputs\":[{\"name\":\"x\",\"shape\":[1,2],\"datatype\":\"FP32\",\"data\":[1,2]}],\"parameters\":{\"context\":\"anna\"}}");
    JsonNode parameters = reply.json().get("parameters");
    assertThat(parameters.get("query_id").isIntegralNumber()).isTrue();
    assertThat(parameters.get("default").asBoolean()).isFalse();
    assertThat(parameters.get("models").asText()).startsWith("[{\"name\":\"adder\"");
    assertThat(gateway.clipper.queries.getLast().context()).contains("anna");
  }

  @Test
  void whatTheApplicationThinksIsATensorOnlyWhereItIsAskedFor() {
    Reply reply =
        http.infer("sums", sums("[1,2,3,4]", ",\"outputs\":[{\"name\":\"query_id\"},{\"name\":\"output\"},{\"name\":\"default\"},{\"name\":\"agreement\"}]"));
    assertThat(data(reply, 1)).containsExactly("3.0", "7.0");
    assertThat(data(reply, 2)).containsExactly("false", "false");
    assertThat(data(reply, 3)).containsExactly("1.0", "1.0");
    assertThat(reply.json().get("outputs").get(0).get("datatype").asText()).isEqualTo("INT64");
    assertThat(reply.json().get("outputs").get(0).get("shape").toString()).isEqualTo("[2]");
    assertThat(error(http.infer("sums", sums("[1,2,3,4]", ",\"outputs\":[{\"name\":\"z\"}]")), 400)).contains("'z'", "[output]");
  }

  @Test
  void whatTheApplicationIsSureOfIsThereByName() {
    String asked = ",\"outputs\":[{\"name\":\"set\"},{\"name\":\"models\"},{\"name\":\"confidence\"}]";
    gateway.clipper.confidence = OptionalDouble.of(0.75);
    gateway.clipper.certainty = Optional.of(new Certainty.PredictionSet(List.of("cat", "dog"), false, true));
    Reply sets = http.infer("sums", sums("[1,2,3,4]", asked));
    assertThat(data(sets, 0)).containsExactly("[\"cat\",\"dog\"]", "[\"cat\",\"dog\"]");
    assertThat(data(sets, 1)).hasSize(2).allMatch(models -> models.startsWith("[{\"name\":\"adder\""));
    assertThat(data(sets, 2)).containsExactly("0.75", "0.75");
    assertThat(sets.json().get("outputs").get(0).get("datatype").asText()).isEqualTo("BYTES");
    assertThat(shapes(sets)).containsExactly("[2]", "[2]", "[2]");
    assertThat(shapes(http.infer("sums", ROW.formatted("[2]", asked)))).containsExactly("[1]", "[1]", "[1]");
    assertThat(error(http.infer("sums", sums("[1,2,3,4]", ",\"outputs\":[{\"name\":\"interval\"}]")), 400)).contains("'interval'");
  }

  @ParameterizedTest
  @ValueSource(strings = {"[2]", "[1,2]"})
  void anIntervalHasARowOfItsOwnWithAndWithoutABatch(String shape) {
    gateway.clipper.certainty = Optional.of(new Certainty.PredictionInterval(Double.NEGATIVE_INFINITY, 4.5, true));
    Reply reply = http.infer("sums", ROW.formatted(shape, ",\"outputs\":[{\"name\":\"interval\"}]"));
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
    http.infer("sums", sums("[1,2,3,4]", ",\"parameters\":{\"timeout\":1500,\"priority\":1}"));
    assertThat(gateway.clipper.queries.getLast().budget()).contains(Duration.ofNanos(1_500_000));
    http.infer("adder@model", sums("[1,2,3,4]", ",\"parameters\":{\"timeout\":2500}"));
    assertThat(gateway.clipper.budgets.getLast()).isEqualTo(Duration.ofNanos(2_500_000));
    assertThat(error(http.infer("sums", sums("[1,2,3,4]", ",\"parameters\":{\"timeout\":\"soon\"}")), 400)).contains("timeout");
    assertThat(error(http.infer("sums", sums("[1,2,3,4]", ",\"parameters\":{\"priority\":-1}")), 400)).contains("priority");
  }

  @Test
  void aModelAskedDirectlyIsNoQueryOfAnApplication() {
    Reply reply = http.infer("adder@model", sums("[1,2,3,4]", ""));
    assertThat(data(reply, 0)).containsExactly("3.0", "7.0");
    assertThat(reply.json().has("parameters")).isFalse();
    assertThat(data(http.infer("adder", sums("[1,2,3,4]", "")), 0)).containsExactly("3.0", "7.0");
    assertThat(gateway.clipper.queries).isEmpty();
  }

  @Test
  void aModelsOwnErrorIsAFailureAndAMissingReplicaIsUnavailable() {
    gateway.clipper.serve(
        "adder:1",
        input -> {
          throw new IllegalStateException("the model is broken");
        });
    assertThat(error(http.infer("adder@model", sums("[1,2,3,4]", "")), 500)).isEqualTo("the model is broken");
    TestGateway.expectOk(gateway.model("unserved", "1", "x:FP32[-1]"));
    assertThat(error(http.infer("unserved", sums("[1,2,3,4]", "")), 503)).contains("no replica");
  }

  @Test
  void aRowThatNoModelAnsweredHasTheDefaultOutputAmongTheOthers() {
    gateway.admin("update_app", "{\"name\":\"sums\",\"default_output\":\"-1\"}");
    data(http.infer("sums", sums("[1,2,3,4]", "")), 0);
    gateway.clipper.full = true;
    Reply reply = http.infer("sums", sums("[1,2,3,4]", ",\"outputs\":[{\"name\":\"output\"},{\"name\":\"default\"}]"));
    assertThat(data(reply, 0)).containsExactly("-1.0", "-1.0");
    assertThat(data(reply, 1)).containsExactly("true", "true");
    gateway.admin("update_app", "{\"name\":\"sums\",\"default_output\":\"none\"}");
    assertThat(data(http.infer("sums", sums("[1,2,3,4]", "")), 0)).containsExactly("null", "null");
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
    Reply reply = http.infer("sums", body);
    assertThat(data(reply, 0)).containsExactly("5.0", "-1.0", "7.0");
    assertThat(data(reply, 1)).containsExactly("false", "true", "false");
    assertThat(reply.json().get("outputs").get(2).get("shape").toString()).isEqualTo("[3]");
  }

  /** Of a vector for each row, where the default output is a text: all of it is text then, of the shape that the models give. */
  @ParameterizedTest
  @CsvSource({"INT64,none,BYTES,none", "BYTES,none,BYTES,none", "FP32,none,FP32,null", "INT64,-1,INT64,-1", "BOOL,none,BYTES,none"})
  void oneRowThatFailedHasTheShapeOfTheOthers(String datatype, String text, String stacked, String element) {
    gateway.admin("update_app", "{\"name\":\"sums\",\"default_output\":\"%s\"}".formatted(text));
    gateway.clipper.serve(
        "adder:1",
        input -> {
          if (sum(input.first()) < 0) {
            throw new IllegalStateException("no sum below zero");
          }
          return Output.of(vector(Datatype.valueOf(datatype)));
        });
    Reply reply = http.infer("sums", "{\"inputs\":[{\"name\":\"x\",\"shape\":[2,1],\"datatype\":\"FP32\",\"data\":[5,-5]}]}");
    TestGateway.expectOk(reply);
    JsonNode output = reply.json().get("outputs").get(0);
    assertThat(output.get("shape").toString()).isEqualTo("[2,3]");
    assertThat(output.get("datatype").asText()).isEqualTo(stacked);
    assertThat(data(reply, 0).subList(3, 6)).containsExactly(element, element, element);
  }

  private static Tensor vector(Datatype datatype) {
    return datatype == Datatype.BYTES
        ? Tensor.ofStrings("a", "b", "c")
        : Tensor.wrap(datatype, new long[] {3}, new byte[3 * datatype.elementBytes()]);
  }

  @Test
  void jsonThatEndsEarlyIsToldWithoutTheParsersSettings() {
    assertThat(error(http.infer("sums", "{\"inputs\":[{\"name\":\"x\""), 400)).contains("end-of-input", "[line: 1, column: 12]").doesNotContain("Source");
  }

  @Test
  void rowsOfWhichEachHasAnotherShapeAreNoTensor() {
    gateway.clipper.serve("adder:1", input -> Output.of(Tensor.ofDoubles(new double[(int) sum(input.first())])));
    Reply reply = http.infer("sums", "{\"inputs\":[{\"name\":\"x\",\"shape\":[2,1],\"datatype\":\"FP32\",\"data\":[2,3]}]}");
    assertThat(error(reply, 501)).contains("[2] in row 0 and [3] in row 1", "one by one");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/v2/models/sums/infer", "/v1/models/sums:predict", "/invocations", "/v2/repository/index"})
  void aBodyThatDoesNotArriveIsToldAsTheProtocolTellsErrors(String path) throws IOException {
    GatewaySettings usual = TestGateway.settings();
    GatewaySettings impatient =
        new GatewaySettings("127.0.0.1", 0, "127.0.0.1", 0, usual.maxBodyBytes(), usual.maxArtifactBytes(), Duration.ofMillis(50), Optional.empty(), false, usual.oip());
    try (TestGateway waiting = new TestGateway(ignored -> impatient);
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), waiting.gateway.queryAddress().getPort())) {
      waiting.applicationWithoutHttp("sums", new Signature(List.of(new TensorSpec("x", Datatype.FP32, List.of(-1L)))));
      String head = "POST %s HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{".formatted(path);
      socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
      String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(answer).startsWith("HTTP/1.1 408 ").contains("Content-Type: application/json\r\n");
      assertThat(answer).endsWith("{\"error\":\"the body was not there within 0 s\"}");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"/v2/models/sums/infer", "/v1/models/sums:predict", "/invocations", "/v2/repository/index"})
  void aBodyThatEndsEarlyIsToldAsTheProtocolTellsErrors(String path) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), gateway.gateway.queryAddress().getPort())) {
      // A piece that says of its length that it is none.
      String request = "POST %s HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\nnone\r\n".formatted(path);
      socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(answer).startsWith("HTTP/1.1 400 ").contains("Content-Type: application/json\r\n");
      assertThat(answer).endsWith("{\"error\":\"the body ended early\"}");
      assertThat(gateway.clipper.queries).isEmpty();
    }
  }

  @Test
  void anApplicationThatRefusesForWantOfRoomIsUnavailable() {
    gateway.admin("update_app", "{\"name\":\"sums\",\"on_overload\":\"refuse\"}");
    gateway.clipper.full = true;
    assertThat(error(http.infer("sums", sums("[1,2,3,4]", "")), 503)).isEqualTo("no room");
  }

  @Test
  void aVersionOfAnApplicationIsThatOfItsOnlyModel() {
    assertThat(data(http.infer("sums/versions/1", sums("[1,2,3,4]", "")), 0)).containsExactly("3.0", "7.0");
    assertThat(gateway.clipper.queries.getLast().version()).contains("1");
    assertThat(error(http.infer("sums/versions/7", sums("[1,2,3,4]", "")), 404)).startsWith("Request for unknown model");
    TestGateway.expectOk(gateway.model("other", "1", "x:FP32[-1]"));
    TestGateway.expectOk(gateway.link("sums", "other"));
    assertThat(error(http.infer("sums/versions/1", sums("[1,2,3,4]", "")), 400)).contains("linked to 2 models");
  }

  @Test
  void whatIsNotThereIsNotFound() {
    assertThat(error(http.infer("nope", sums("[1,2,3,4]", "")), 404)).startsWith("Request for unknown model: 'nope'");
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

  @Test
  void aModelsTraceSettingsAreReadableAndNotChanged() {
    for (String path : List.of("/v2/trace/setting", "/v2/models/sums/trace/setting", "/v2/models/adder@model/trace/setting")) {
      assertThat(gateway.get(gateway.queries(path)).body()).isEqualTo("{\"trace_level\":[\"OFF\"]}");
      assertThat(error(gateway.query(path, "{}"), 501)).contains("cannot be changed");
      assertThat(gateway.send(HttpRequest.newBuilder(gateway.queries(path)).DELETE()).header("Allow")).isEqualTo("GET, POST");
    }
    assertThat(error(gateway.get(gateway.queries("/v2/models/nope/trace/setting")), 404)).startsWith("Request for unknown model: 'nope'");
    for (String path : List.of("/v2/models/sums/versions/1/trace/setting", "/v2/models/sums/trace", "/v2/models/sums/ready/setting")) {
      assertThat(error(gateway.get(gateway.queries(path)), 404)).isEqualTo("Not Found: nothing is at " + path);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"/v2/systemsharedmemory", "/v2/cudasharedmemory"})
  void sharedMemoryIsKnownAndNotThere(String memory) {
    for (String region : List.of("", "/region/r")) {
      assertThat(gateway.get(gateway.queries(memory + region + "/status")).body()).isEqualTo("[]");
      assertThat(gateway.query(memory + region + "/unregister", "{}").status()).isEqualTo(200);
      assertThat(error(gateway.query(memory + region + "/status", "{}"), 405)).isEqualTo("Method Not Allowed");
      assertThat(error(gateway.get(gateway.queries(memory + region + "/unregister")), 405)).isEqualTo("Method Not Allowed");
    }
    assertThat(error(gateway.query(memory + "/region/r/register", "{}"), 501)).contains("no shared memory");
    assertThat(error(gateway.get(gateway.queries(memory + "/region/r/register")), 405)).isEqualTo("Method Not Allowed");
    for (String nowhere : List.of("", "/register", "/foo/bar/status", "/region/status", "/region/r/s/status", "/region/r", "/foo")) {
      assertThat(error(gateway.query(memory + nowhere, "{}"), 404)).isEqualTo("Not Found: nothing is at " + memory + nowhere);
    }
    assertThat(gateway.get(gateway.queries(memory.replace("shared", "-shared") + "/status")).status()).isEqualTo(404);
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
    assertThat(error(http.infer("sums", body), 400)).contains(said);
    assertThat(gateway.clipper.queries).isEmpty();
  }

  @Test
  void nestingWithoutEndIsRefused() {
    String deep = "{\"inputs\":[{\"name\":\"x\",\"shape\":[1,2],\"datatype\":\"FP32\",\"data\":%s".formatted("[".repeat(100_000));
    assertThat(error(http.infer("sums", deep), 400)).isNotEmpty();
  }
}
