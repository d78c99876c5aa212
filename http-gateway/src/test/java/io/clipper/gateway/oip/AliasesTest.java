package io.clipper.gateway.oip;

import static org.assertj.core.api.Assertions.assertThat;

import io.clipper.gateway.Readiness;
import io.clipper.gateway.TestGateway;
import io.clipper.gateway.TestGateway.Reply;
import io.clipper.model.NamedTensor;
import io.clipper.model.Output;
import io.clipper.model.Tensor;
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
    assertThat(predict("echo", "{\"inputs\":[[[1,2],[3,4]]]}")).isEqualTo("{\"outputs\":[[[1.0,2.0],[3.0,4.0]]]}");
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
    assertThat(predict("masked", "{\"inputs\":[[1,2]]}")).isEqualTo("{\"outputs\":[1.0]}");
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
  void anAnswerThatIsNoNumberIsNull() {
    gateway.clipper.serve("same:1", input -> Output.of(Tensor.ofFloats(Float.NaN, 1)));
    assertThat(predict("same@model", "{\"instances\":[[[1,2],[3,NaN]]]}")).isEqualTo("{\"predictions\":[[null,1.0]]}");
  }
}
