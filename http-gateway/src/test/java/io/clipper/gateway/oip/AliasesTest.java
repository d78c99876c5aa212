package io.clipper.gateway.oip;

import static org.assertj.core.api.Assertions.assertThat;

import io.clipper.gateway.Readiness;
import io.clipper.gateway.TestGateway;
import io.clipper.gateway.TestGateway.Reply;
import io.clipper.model.Datatype;
import io.clipper.model.NamedTensor;
import io.clipper.model.Output;
import io.clipper.model.Tensor;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests of TensorFlow Serving's, KServe's and SageMaker's clients. */
class AliasesTest {
  private final TestGateway gateway = new TestGateway();

  @BeforeEach
  void aModelOfTwoInputsAndTwoOutputs() {
    serve("tagged", "tagger", "tag:BYTES[],signal:FP32[2]", "tag", "signal");
    serve("echo", "same", "x:FP32[2,2]", "x");
  }

  @AfterEach
  void close() {
    gateway.close();
  }

  private void serve(String application, String model, String type, String... outputs) {
    gateway.application(application, type);
    TestGateway.expectOk(gateway.model(model, "1", type));
    TestGateway.expectOk(gateway.link(application, model));
    gateway.clipper.serve(
        model + ":1",
        input ->
            new Output(
                List.of(outputs).stream().map(name -> new NamedTensor(name, input.named(name).orElseThrow())).toList(), Optional.empty()));
  }

  private String predict(String model, String body) {
    Reply reply = gateway.query("/v1/models/%s:predict".formatted(model), body);
    assertThat(reply.status()).as(reply.body()).isEqualTo(200);
    return reply.body();
  }

  @Test
  void rowsOfOneInputAreAnsweredAsRows() {
    assertThat(predict("echo", "{\"signature_name\":\"s\",\"instances\":[[[1,2],[3,4]],[[5,6],[7,8]]]}"))
        .isEqualTo("{\"predictions\":[[[1.0,2.0],[3.0,4.0]],[[5.0,6.0],[7.0,8.0]]]}");
    assertThat(predict("same@model", "{\"instances\":[[[1,2],[3,4]]]}")).isEqualTo("{\"predictions\":[[[1.0,2.0],[3.0,4.0]]]}");
    assertThat(predict("echo/versions/1", "{\"instances\":[[[1,2],[3,4]]]}")).isEqualTo("{\"predictions\":[[[1.0,2.0],[3.0,4.0]]]}");
  }

  @Test
  void rowsOfNamedInputsAreAnsweredByName() {
    assertThat(predict("tagged", "{\"instances\":[{\"tag\":\"foo\",\"signal\":[1,2]},{\"signal\":[3,4],\"tag\":{\"b64\":\"YmFy\"}}]}"))
        .isEqualTo("{\"predictions\":[{\"tag\":\"foo\",\"signal\":[1.0,2.0]},{\"tag\":\"bar\",\"signal\":[3.0,4.0]}]}");
  }

  @Test
  void columnsAreAnsweredAsColumns() {
    assertThat(predict("tagged", "{\"inputs\":{\"tag\":[\"foo\",\"bar\"],\"signal\":[[1,2],[3,4]]}}"))
        .isEqualTo("{\"outputs\":{\"tag\":[\"foo\",\"bar\"],\"signal\":[[1.0,2.0],[3.0,4.0]]}}");
    assertThat(predict("echo", "{\"inputs\":{\"x\":[[[1,2],[3,4]]]}}")).isEqualTo("{\"outputs\":[[[1.0,2.0],[3.0,4.0]]]}");
  }

  /** To TensorFlow Serving a column, to KServe rows: each client reads its own key. */
  @Test
  void inputsWithoutNamesAreAnsweredBothWays() {
    assertThat(predict("echo", "{\"inputs\":[[[1,2],[3,4]]]}"))
        .isEqualTo("{\"predictions\":[[[1.0,2.0],[3.0,4.0]]],\"outputs\":[[[1.0,2.0],[3.0,4.0]]]}");
    assertThat(predict("tagged", "{\"inputs\":[{\"tag\":\"foo\",\"signal\":[1,2]},{\"tag\":\"bar\",\"signal\":[3,4]}]}"))
        .isEqualTo(
            "{\"predictions\":[{\"tag\":\"foo\",\"signal\":[1.0,2.0]},{\"tag\":\"bar\",\"signal\":[3.0,4.0]}],"
                + "\"outputs\":{\"tag\":[\"foo\",\"bar\"],\"signal\":[[1.0,2.0],[3.0,4.0]]}}");
    Reply tooShort = gateway.query("/v1/models/tagged:predict", "{\"inputs\":[{\"tag\":\"foo\",\"signal\":[1]}]}");
    assertThat(SumsOverHttp.error(tooShort, 400)).isEqualTo("inputs[0].signal has 1 elements in dimension 0, expected 2");
  }

  @Test
  void textIsARowByItself() {
    serve("texts", "reader", "strings", "input");
    assertThat(predict("texts", "{\"instances\":[\"foo\",{\"b64\":\"YmFy\"},[\"baz\"]]}")).isEqualTo("{\"predictions\":[[\"foo\"],[\"bar\"],[\"baz\"]]}");
  }

  @Test
  void anOptionalInputIsInAllRowsOrInNone() {
    gateway.application("masked", "x:FP32[2],mask:FP32[1]?");
    TestGateway.expectOk(gateway.model("masks", "1", "x:FP32[2],mask:FP32[1]?"));
    TestGateway.expectOk(gateway.link("masked", "masks"));
    gateway.clipper.serve("masks:1", input -> Output.of((double) input.tensors().size()));

    assertThat(predict("masked", "{\"instances\":[[1,2],{\"x\":[3,4]}]}")).isEqualTo("{\"predictions\":[1.0,1.0]}");
    assertThat(predict("masked", "{\"instances\":[{\"x\":[1,2],\"mask\":[0]},{\"mask\":[1],\"x\":[3,4]}]}")).isEqualTo("{\"predictions\":[2.0,2.0]}");
    assertThat(predict("masked", "{\"inputs\":{\"x\":[[1,2],[3,4]]}}")).isEqualTo("{\"outputs\":[1.0,1.0]}");
    assertThat(predict("masked", "{\"inputs\":[[1,2]]}")).isEqualTo("{\"predictions\":[1.0],\"outputs\":[1.0]}");
    for (String instances : List.of("[{\"x\":[1,2]},{\"x\":[3,4],\"mask\":[1]}]", "[{\"x\":[3,4],\"mask\":[1]},{\"x\":[1,2]}]")) {
      Reply mixed = gateway.query("/v1/models/masked:predict", "{\"instances\":%s}".formatted(instances));
      assertThat(mixed.status()).isEqualTo(400);
      assertThat(mixed.json().get("error").asText())
          .isEqualTo("instances[1]: input 'mask' is given in some rows only; those that lack it are a request of their own");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{",
        "[]",
        "{}",
        "{\"instances\":[[1,2]],\"inputs\":[[1,2]]}",
        "{\"instances\":[]}",
        "{\"instances\":3}",
        "{\"instances\":[[[1,2],[3]]]}",
        "{\"instances\":[[[1,2],[3,\"4\"]]]}",
        "{\"instances\":[{\"y\":1}]}",
        "{\"instances\":[{\"b64\":\"YmFy\"}]}",
        "{\"inputs\":{\"x\":1}}",
        "{\"instances\":[[[1,2],[3,4]]"
      })
  void aMalformedRequestIsToldSo(String body) {
    Reply reply = gateway.query("/v1/models/echo:predict", body);
    assertThat(reply.status()).as(reply.body()).isEqualTo(400);
    assertThat(reply.json().get("error").asText()).isNotEmpty();
    assertThat(gateway.clipper.queries).isEmpty();
  }

  @Test
  void statusHasWhatBothKindsOfClientsRead() {
    Reply status = gateway.get(gateway.queries("/v1/models/echo"));
    assertThat(status.json().get("ready").asBoolean()).isTrue();
    assertThat(status.json().get("model_version_status").get(0).get("state").asText()).isEqualTo("AVAILABLE");
    assertThat(gateway.get(gateway.queries("/v1/models")).body()).contains("\"echo\"");
    assertThat(gateway.get(gateway.queries("/v1/models/echo/metadata")).json().get("inputs").get(0).get("name").asText()).isEqualTo("x");
    assertThat(gateway.get(gateway.queries("/v1/models/nope")).status()).isEqualTo(404);
    assertThat(gateway.get(gateway.queries("/v1/nope")).status()).isEqualTo(404);
    assertThat(gateway.get(gateway.queries("/")).body()).isEqualTo("{\"status\":\"alive\"}");
  }

  @Test
  void invocationsAskTheOnlyApplication() {
    assertThat(gateway.query("/invocations", "{\"instances\":[[[1,2],[3,4]]]}").status()).isEqualTo(400);
    gateway.admin("delete_app", "{\"name\":\"tagged\"}");
    assertThat(gateway.query("/invocations", "{\"instances\":[[[1,2],[3,4]]]}").body()).isEqualTo("{\"predictions\":[[[1.0,2.0],[3.0,4.0]]]}");
    assertThat(gateway.get(gateway.queries("/ping")).status()).isEqualTo(200);
    gateway.clipper.readiness = new Readiness.NotReady("models are loading");
    assertThat(gateway.get(gateway.queries("/ping")).status()).isEqualTo(503);
  }

  @Test
  void anAnswerThatIsNoNumberIsABareWordAsTheQuestionMayBe() {
    gateway.clipper.serve("same:1", input -> Output.of(input.first()));
    assertThat(predict("same@model", "{\"instances\":[[[NaN,2],[Infinity,-Infinity]]]}"))
        .isEqualTo("{\"predictions\":[[[NaN,2.0],[Infinity,-Infinity]]]}");
    assertThat(predict("same@model", "{\"inputs\":{\"x\":[[[NaN,2],[Infinity,-Infinity]]]}}"))
        .isEqualTo("{\"outputs\":[[[NaN,2.0],[Infinity,-Infinity]]]}");
    gateway.clipper.serve("same:1", input -> Output.of(Double.NEGATIVE_INFINITY));
    assertThat(predict("same@model", "{\"instances\":[[[1,2],[3,4]]]}")).isEqualTo("{\"predictions\":[-Infinity]}");
  }

  @ParameterizedTest
  @ValueSource(strings = {"FP16", "BF16", "FP32", "FP64"})
  void noNumbersGoThroughInEveryDatatypeThatHasThem(String datatype) {
    serve("reals", "real", "x:%s[3]".formatted(datatype), "x");
    assertThat(predict("reals", "{\"instances\":[[NaN,Infinity,-Infinity]]}")).isEqualTo("{\"predictions\":[[NaN,Infinity,-Infinity]]}");
    Reply tooLarge = gateway.query("/v1/models/reals:predict", "{\"instances\":[[1e999,0,0]]}");
    assertThat(SumsOverHttp.error(tooLarge, 400)).contains("out of the range");
    Reply elsewhere = infer("reals", datatype, "[NaN,Infinity,0]");
    assertThat(SumsOverHttp.error(elsewhere, 400)).contains("JSON parse error");
  }

  private Reply infer(String model, String datatype, String data) {
    String body = "{\"inputs\":[{\"name\":\"x\",\"shape\":[1,3],\"datatype\":\"%s\",\"data\":%s}]}".formatted(datatype, data);
    return gateway.query("/v2/models/%s/infer".formatted(model), body);
  }

  @Test
  void elsewhereAnAnswerThatIsNoNumberIsNull() {
    gateway.admin("delete_app", "{\"name\":\"tagged\"}");
    assertThat(gateway.query("/invocations", "{\"instances\":[[[NaN,2],[Infinity,4]]]}").body()).isEqualTo("{\"predictions\":[[[null,2.0],[null,4.0]]]}");
  }

  @Test
  void bytesThatAreNoTextAreBase64WhereTheOutputsNameSaysSo() {
    Tensor blob = Tensor.wrap(Datatype.BYTES, new long[] {1}, new byte[] {2, 0, 0, 0, (byte) 0xff, (byte) 0xfe});
    gateway.clipper.serve("same:1", input -> new Output(List.of(new NamedTensor("picture_bytes", blob)), Optional.empty()));
    assertThat(predict("same@model", "{\"instances\":[[[1,2],[3,4]]]}")).isEqualTo("{\"predictions\":[[{\"b64\":\"//4=\"}]]}");
    assertThat(predict("same@model", "{\"inputs\":{\"x\":[[[1,2],[3,4]]]}}")).isEqualTo("{\"outputs\":[[{\"b64\":\"//4=\"}]]}");
  }

  /** What the error advises is done, and works. */
  @Test
  void bytesThatAreNoTextAreToldWhereTheyAreToBeHad() {
    Tensor blob = Tensor.wrap(Datatype.BYTES, new long[] {1}, new byte[] {2, 0, 0, 0, (byte) 0xff, (byte) 0xfe});
    gateway.clipper.serve("same:1", input -> new Output(List.of(new NamedTensor("picture", blob)), Optional.empty()));
    Reply refused = gateway.query("/v1/models/same@model:predict", "{\"instances\":[[[1,2],[3,4]]]}");
    assertThat(SumsOverHttp.error(refused, 400))
        .isEqualTo(
            "element 0 of 'picture' is not UTF-8: ask /v2/models/NAME/infer for it as binary data, "
                + "or end the output's name in _bytes to have it in base64");
    String inference = "{\"inputs\":[{\"name\":\"x\",\"shape\":[1,2,2],\"datatype\":\"FP32\",\"data\":[1,2,3,4]}],\"parameters\":{\"binary_data_output\":true}}";
    assertThat(SumsOverHttp.tail(gateway.query("/v2/models/same@model/infer", inference))).containsExactly(2, 0, 0, 0, 0xff, 0xfe);
  }

  @ParameterizedTest
  @ValueSource(strings = {"explain", "classify", "regress"})
  void whatIsNotOfferedIsNotImplemented(String verb) {
    for (String model : List.of("echo", "same@model", "echo/versions/1")) {
      Reply reply = gateway.query("/v1/models/%s:%s".formatted(model, verb), "{\"instances\":[[[1,2],[3,4]]]}");
      assertThat(SumsOverHttp.error(reply, 501)).contains(":" + verb);
    }
    assertThat(SumsOverHttp.error(gateway.query("/v1/models/nope:" + verb, "{}"), 404)).startsWith("Request for unknown model");
    assertThat(gateway.get(gateway.queries("/v1/models/echo:" + verb)).header("Allow")).isEqualTo("POST");
    assertThat(gateway.query("/v1/models/echo:guess", "{}").status()).isEqualTo(404);
  }

  @Test
  void aVersionsLabelIsNotFound() {
    String said = "Servable not found for request: versions of 'echo' have no labels, so none 'stable': ask for /versions/VERSION";
    assertThat(SumsOverHttp.error(gateway.query("/v1/models/echo/labels/stable:predict", "{\"instances\":[[[1,2],[3,4]]]}"), 404)).isEqualTo(said);
    assertThat(SumsOverHttp.error(gateway.query("/v1/models/echo/labels/stable:classify", "{}"), 404)).isEqualTo(said);
    assertThat(SumsOverHttp.error(gateway.get(gateway.queries("/v1/models/echo/labels/stable")), 404)).isEqualTo(said);
    assertThat(SumsOverHttp.error(gateway.get(gateway.queries("/v1/models/echo/labels/stable/metadata")), 404)).isEqualTo(said);
    assertThat(SumsOverHttp.error(gateway.get(gateway.queries("/v1/models/nope/labels/stable")), 404)).startsWith("Request for unknown model: 'nope'");
  }

  private Reply invoke(String contentType, String target, String body) {
    HttpRequest.Builder request = HttpRequest.newBuilder(gateway.queries("/invocations")).header("Content-Type", contentType);
    if (!target.isEmpty()) {
      request.header("X-Amzn-SageMaker-Target-Model", target);
    }
    return gateway.send(request.POST(HttpRequest.BodyPublishers.ofString(body)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"application/json", "application/x-npy", "text/plain", "application/octet-stream", "application/jsonlines; charset=utf-8"})
  void anInvocationMayBeOfAnyTypeAndNameWhomItAsks(String contentType) {
    String body = "{\"instances\":[[[1,2],[3,4]]]}";
    assertThat(invoke(contentType, "echo", body).body()).isEqualTo("{\"predictions\":[[[1.0,2.0],[3.0,4.0]]]}");
    assertThat(invoke(contentType, "same@model", body).body()).isEqualTo("{\"predictions\":[[[1.0,2.0],[3.0,4.0]]]}");
    assertThat(SumsOverHttp.error(invoke(contentType, "nope", body), 404)).startsWith("Request for unknown model: 'nope'");
    assertThat(invoke(contentType, " ", body).body()).isEqualTo(invoke(contentType, "", body).body());
    assertThat(SumsOverHttp.error(invoke(contentType, "", body), 400))
        .isEqualTo("/invocations asks the only application, and there are 2: name one, or a model, in the header X-Amzn-SageMaker-Target-Model");
  }

  @Test
  void anInvocationMayBeAnInference() {
    String tensor = "{\"name\":\"x\",\"shape\":[1,2,2],\"datatype\":\"FP32\",\"data\":[1,2,3,4]}";
    for (String inputs : List.of("[%s]".formatted(tensor), "[{\"data\":[[[1,2],[3,4]]],\"datatype\":\"FP32\",\"shape\":[1,2,2],\"name\":\"x\"}]")) {
      Reply reply = invoke("application/json", "echo", "{\"id\":\"7\",\"parameters\":{\"context\":\"anna\"},\"inputs\":%s}".formatted(inputs));
      assertThat(SumsOverHttp.data(reply, 0)).containsExactly("1.0", "2.0", "3.0", "4.0");
      assertThat(reply.json().get("id").asText()).isEqualTo("7");
      assertThat(gateway.clipper.queries.getLast().context()).contains("anna");
    }
    assertThat(SumsOverHttp.error(invoke("application/json", "echo", "{\"inputs\":[%s]}".formatted(tensor.replace(",\"datatype\":\"FP32\"", ""))), 400))
        .isEqualTo("input 'x' has no datatype");
    assertThat(SumsOverHttp.data(invoke("application/json", "same@model", "{\"inputs\":[%s]}".formatted(tensor)), 0)).hasSize(4);
  }

  /** As the gateway in front of SageMaker's endpoints lets it pass: without the protocol's header. */
  @Test
  void anInvocationOfTritonsClientsHasItsTensorsBehindTheJson() {
    String json =
        "{\"inputs\":[{\"name\":\"x\",\"shape\":[1,2,2],\"datatype\":\"FP32\",\"parameters\":{\"binary_data_size\":16}}],\"parameters\":{\"binary_data_output\":true}}";
    byte[] tensor = SumsOverHttp.floats(1, 2, 3, 4);
    String type = "application/vnd.sagemaker-triton.binary+json;json-header-size=";
    HttpRequest.Builder request =
        HttpRequest.newBuilder(gateway.queries("/invocations"))
            .header("Content-Type", type + json.length())
            .header("X-Amzn-SageMaker-Target-Model", "echo")
            .POST(HttpRequest.BodyPublishers.ofByteArray(SumsOverHttp.joined(json.getBytes(StandardCharsets.UTF_8), tensor)));
    Reply reply = gateway.send(request);
    assertThat(reply.status()).as(reply.body()).isEqualTo(200);
    assertThat(reply.header("Content-Type")).startsWith(type);
    byte[] body = reply.response().body();
    assertThat(Arrays.copyOfRange(body, Integer.parseInt(reply.header("Content-Type").substring(type.length())), body.length)).isEqualTo(tensor);
    assertThat(SumsOverHttp.error(gateway.send(request.setHeader("Content-Type", type + "1000")), 400)).contains("'1000', which is outside 0..");
  }

  @Test
  void anInvocationIsNoTable() {
    assertThat(SumsOverHttp.error(invoke("text/csv;label_size=0", "echo", "1,2,3,4"), 415)).isEqualTo("this server reads no text/csv: send JSON");
    assertThat(SumsOverHttp.error(invoke("text/csv; charset=utf-8", "echo", "1,2,3,4"), 415)).isEqualTo("this server reads no text/csv: send JSON");
    assertThat(gateway.get(gateway.queries("/invocations")).header("Allow")).isEqualTo("POST");
  }
}
