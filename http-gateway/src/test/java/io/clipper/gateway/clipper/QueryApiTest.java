package io.clipper.gateway.clipper;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.clipper.Refused;
import io.clipper.application.Feedback;
import io.clipper.application.Prediction;
import io.clipper.gateway.TestGateway;
import io.clipper.gateway.TestGateway.Reply;
import io.clipper.model.Input;
import io.clipper.model.NamedTensor;
import io.clipper.model.Output;
import io.clipper.model.Tensor;
import io.clipper.selection.Features;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The original's query frontend tests, over HTTP, and what this server adds. */
class QueryApiTest {
  private final TestGateway gateway = new TestGateway();

  @BeforeEach
  void applications() {
    for (String type : List.of("ints", "doubles", "floats", "strings", "bytes")) {
      gateway.application(type, type);
    }
  }

  @AfterEach
  void close() {
    gateway.close();
  }

  private void linked(String application, String inputType, java.util.function.Function<Input, Output> function) {
    TestGateway.expectOk(gateway.model("m", "1", inputType));
    TestGateway.expectOk(gateway.link(application, "m"));
    gateway.clipper.serve("m:1", function);
  }

  private Tensor asked() {
    return gateway.clipper.queries.getLast().input().first();
  }

  @Test
  void intsArriveAsTheyWereSent() {
    Reply reply = gateway.query("/ints/predict", "{\"input\":[1,2,3,4]}");
    assertThat(reply.status()).isEqualTo(200);
    assertThat(asked()).isEqualTo(Tensor.ofInts(1, 2, 3, 4));
  }

  @Test
  void aBatchOfIntsIsAnsweredInOrder() {
    linked("ints", "ints", input -> Output.of(input.first().longAt(0)));
    Reply reply = gateway.query("/ints/predict", "{\"input_batch\":[[1,2],[10,20],[100,200]]}");
    assertThat(outputs(reply)).containsExactly("1", "10", "100");
  }

  @Test
  void doublesArriveAsTheyWereSentAlsoWithoutADecimalPoint() {
    gateway.query("/doubles/predict", "{\"input\":[1.4,2.23,3.243242,0.3223424,1e-3,7]}");
    assertThat(asked()).isEqualTo(Tensor.ofDoubles(1.4, 2.23, 3.243242, 0.3223424, 1e-3, 7));
  }

  @Test
  void aBatchOfDoublesIsAnsweredInOrder() {
    linked("doubles", "doubles", input -> Output.of(input.first().doubleAt(0)));
    Reply reply = gateway.query("/doubles/predict", "{\"input_batch\":[[1.1,2.2],[10.1,20.2],[100.1,200.2]]}");
    assertThat(outputs(reply)).containsExactly("1.1", "10.1", "100.1");
  }

  @ParameterizedTest
  @ValueSource(strings = {"ints", "doubles", "floats"})
  void anInputOfAnyLengthArrivesWhole(String type) {
    int length = 1000;
    String numbers = IntStream.range(0, length).mapToObj(Integer::toString).collect(Collectors.joining(","));
    Reply reply = gateway.query("/%s/predict".formatted(type), "{\"input\":[%s]}".formatted(numbers));
    assertThat(reply.status()).as(reply.body()).isEqualTo(200);
    assertThat(IntStream.range(0, length).mapToDouble(asked()::doubleAt).toArray())
        .isEqualTo(IntStream.range(0, length).asDoubleStream().toArray());
  }

  @Test
  void aStringArrivesByteByByte() {
    String text = "hello world. This is a test string with punctionation!@#$Y#;}# äß€ 😀";
    gateway.query("/strings/predict", "{\"input\":\"%s\"}".formatted(text));
    assertThat(asked()).isEqualTo(Tensor.ofStrings(text));
  }

  @Test
  void aBatchOfStringsIsAnsweredInOrder() {
    linked("strings", "strings", input -> Output.of(input.first().strings().getFirst()));
    Reply reply = gateway.query("/strings/predict/", "{\"input_batch\":[\"this\",\"is\",\"a\",\"test\"]}");
    assertThat(outputs(reply)).containsExactly("\"this\"", "\"is\"", "\"a\"", "\"test\"");
  }

  @Test
  void base64ArrivesAsBytesWithAndWithoutPadding() {
    gateway.query("/bytes/predict", "{\"input\":\"AQL/\"}");
    assertThat(asked()).isEqualTo(Tensor.ofUnsignedBytes(new byte[] {1, 2, -1}));
    gateway.query("/bytes/predict", "{\"input\":\"AQI\"}");
    assertThat(asked()).isEqualTo(Tensor.ofUnsignedBytes(new byte[] {1, 2}));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"uid\": 2hkdshfaksjdhfkjashdf", "gibberish", "", "[1]", "3", "null", "\"x\"", "{}", "{\"other_field\":[1.4]}", "{\"input\":1.5}",
        "{\"input\":\"x\"}", "{\"input\":[1.5,\"x\"]}", "{\"input\":[NaN]}", "{\"input\":[1e999]}", "{\"input\":[true]}", "{\"input\":[[1.0]]}",
        "{\"input\":[1.0]} x", "{\"input\":[1.0],\"input\":[1.0]}", "{\"input_batch\":{}}", "{\"input_batch\":[[1.0],3]}", "{\"input\":[1.0",
        "{\"input\":[1.0],\"version\":3}", "{\"input\":[1.0],\"slo_micros\":0}", "{\"input\":[1.0],\"slo_micros\":\"1\"}",
        "{\"input\":[1.0],\"context\":\"\\ud800\"}", "{\"input\":{\"nope\":[1.0]}}", "{\"input\":{}}", "{\"input\":null}",
        "{\"input\":[1.0],\"features\":1}", "{\"input\":[1.0],\"features\":[\"x\"]}", "{\"input\":[1.0],\"features\":[1e9]}"
      })
  void whatIsNotARequestOfDoublesIsABadRequest(String body) {
    Reply reply = gateway.query("/doubles/predict", body);
    assertThat(reply.status()).as(reply.body()).isEqualTo(400);
    assertThat(reply.json().get("error").asText()).isEqualTo("Json error");
    assertThat(reply.json().get("cause").asText()).startsWith("Error parsing JSON: ").contains(". Expected JSON schema: {");
    assertThat(gateway.clipper.queries).isEmpty();
  }

  @Test
  void aMissingInputIsNamed() {
    Reply reply = gateway.query("/ints/predict", "{\"other_field\":[1.4]}");
    assertThat(reply.json().get("cause").asText()).contains("JSON object does not have required keys input or input_batch");
  }

  @ParameterizedTest
  @ValueSource(strings = {"[1.4,2.23]", "[3e9]", "[3000000000]", "[99999999999999999999]", "[\"1\"]", "[null]"})
  void anIntIsAnInt32Literal(String input) {
    Reply reply = gateway.query("/ints/predict", "{\"uid\":23,\"input\":%s}".formatted(input));
    assertThat(reply.status()).isEqualTo(400);
    assertThat(reply.json().get("cause").asText()).contains(" is not of type int (element 0 of input)");
  }

  @Test
  void aWrongTypeAnywhereInABatchRefusesItAll() {
    Reply reply = gateway.query("/ints/predict", "{\"uid\":23,\"input_batch\":[[1,2],[3.243242,0.3223424]]}");
    assertThat(reply.status()).isEqualTo(400);
    assertThat(reply.json().get("cause").asText()).contains("Array input of type Number is not of type int (element 0 of input_batch[1])");
  }

  @Test
  void aFloatOutOfRangeIsRefused() {
    assertThat(gateway.query("/floats/predict", "{\"input\":[1e39]}").status()).isEqualTo(400);
    gateway.query("/floats/predict", "{\"input\":[0.1]}");
    assertThat(asked()).isEqualTo(Tensor.ofFloats(0.1f));
  }

  @Test
  void nestingWithoutEndIsRefused() {
    assertThat(gateway.query("/doubles/predict", "{\"x\":" + "[".repeat(5000) + "]".repeat(5000) + "}").status()).isEqualTo(400);
  }

  @Test
  void badUtf8IsRefused() {
    byte[] body = "{\"input\":\"x?\"}".getBytes(java.nio.charset.StandardCharsets.UTF_8);
    body[11] = (byte) 0xFF;
    assertThat(gateway.post(gateway.queries("/strings/predict"), body).status()).isEqualTo(400);
  }

  @Test
  void anAnswerHasTheOriginalsFieldsFirst() {
    linked("doubles", "doubles", input -> Output.of(-1.0));
    Reply reply = gateway.query("/doubles/predict", "{\"input\":[1.0]}");
    assertThat(reply.header("Content-Type")).isEqualTo("application/json");
    assertThat(reply.header("Server")).isEmpty();
    assertThat(reply.body())
        .isEqualTo(
            "{\"query_id\":0,\"output\":-1.0,\"default\":false,\"agreement\":1.0,\"confidence\":null,\"models\":[{\"name\":\"m\","
                + "\"version\":\"1\",\"output\":-1.0,\"weight\":1.0,\"cached\":false,\"late\":false}]}");
  }

  @Test
  void anUnlinkedApplicationAnswersItsDefaultAndWhy() {
    Reply reply = gateway.query("/doubles/predict", "{\"input\":[99.3,18.9,67.2,34.2]}");
    assertThat(reply.body())
        .startsWith("{\"query_id\":0,\"output\":\"DEFAULT\",\"default\":true,\"default_explanation\":\"No connected models found for query\"");
  }

  @Test
  void textThatIsJsonIsEmbeddedAndAnyOtherIsAString() {
    linked("strings", "strings", input -> Output.of(input.first().strings().getFirst()));
    assertThat(output("1")).isEqualTo("1");
    assertThat(output("{\\\"a\\\":[1]}")).isEqualTo("{\"a\":[1]}");
    assertThat(output("01")).isEqualTo("\"01\"");
    assertThat(output("1 2")).isEqualTo("\"1 2\"");
    assertThat(output("nope")).isEqualTo("\"nope\"");
    assertThat(output("")).isEqualTo("\"\"");
  }

  private String output(String text) {
    return gateway.query("/strings/predict", "{\"input\":\"%s\"}".formatted(text)).json().get("output").toString();
  }

  @Test
  void aTensorIsNestedByItsShape() {
    linked("doubles", "doubles", input -> Output.of(Tensor.ofFloats(0.1f, 2, 3, Float.POSITIVE_INFINITY).reshaped(2, 2)));
    assertThat(gateway.query("/doubles/predict", "{\"input\":[1]}").json().get("output").toString()).isEqualTo("[[0.1,2.0],[3.0,null]]");
  }

  @Test
  void aBatchOfOneIsABatchAndOfNoneAnEmptyOne() {
    assertThat(outputs(gateway.query("/ints/predict", "{\"input_batch\":[[1]]}"))).containsExactly("\"DEFAULT\"");
    assertThat(gateway.query("/ints/predict", "{\"input_batch\":[]}").body()).isEqualTo("{\"batch_predictions\":[]}");
  }

  @Test
  void anItemThatFailsSaysSoInItsPlace() {
    linked(
        "ints",
        "ints",
        input -> {
          if (input.first().longAt(0) == 2) {
            throw new Refused(Refused.Reason.INVALID, "2 is bad");
          }
          return Output.of(input.first().longAt(0));
        });
    JsonNode batch = gateway.query("/ints/predict", "{\"input_batch\":[[1],[2],[3]]}").json().get("batch_predictions");
    assertThat(batch.get(0).get("output").asInt()).isEqualTo(1);
    assertThat(batch.get(1).toString()).isEqualTo("{\"error\":\"Query processing error\",\"cause\":\"2 is bad\"}");
    assertThat(batch.get(2).get("output").asInt()).isEqualTo(3);
  }

  @Test
  void inputWinsOverABatch() {
    assertThat(gateway.query("/ints/predict", "{\"input_batch\":[[1],[2]],\"input\":[3]}").json().has("output")).isTrue();
    assertThat(asked()).isEqualTo(Tensor.ofInts(3));
  }

  @Test
  void aVersionIsAskedByName() {
    linked("doubles", "doubles", input -> Output.of("1"));
    TestGateway.expectOk(gateway.model("m", "v2", "doubles"));
    gateway.clipper.serve("m:v2", input -> Output.of("2"));
    assertThat(gateway.query("/doubles/predict", "{\"input\":[1.0],\"version\":\"1\"}").json().get("output").isInt()).isTrue();
    assertThat(gateway.query("/doubles/predict", "{\"input\":[1.0]}").json().get("output").asInt()).isEqualTo(2);
    Reply unknown = gateway.query("/doubles/predict", "{\"input\":[1.0],\"version\":\"skjf\"}");
    assertThat(unknown.status()).isEqualTo(400);
    assertThat(unknown.body()).isEqualTo("{\"error\":\"Query processing error\",\"cause\":\"Requested version: skjf does not exist for model: m\"}");
  }

  @Test
  void contextAndBudgetTravelWithTheQuery() {
    gateway.query("/doubles/predict", "{\"context\":\"anna\",\"slo_micros\":2500,\"input\":[1.0],\"uid\":0}");
    assertThat(gateway.clipper.queries.getLast().context()).contains("anna");
    assertThat(gateway.clipper.queries.getLast().budget()).contains(Duration.ofNanos(2_500_000));
  }

  @Test
  void featuresTravelWithTheQuery() {
    gateway.query("/doubles/predict", "{\"features\":[0.5,-1],\"input\":[1.0]}");
    assertThat(gateway.clipper.queries.getLast().features()).isEqualTo(Features.of(.5, -1));
    gateway.query("/doubles/predict", "{\"input\":[1.0]}");
    assertThat(gateway.clipper.queries.getLast().features()).isEqualTo(Features.NONE);
  }

  @Test
  void overloadIsADefaultUnlessTheApplicationRefuses() {
    gateway.clipper.full = true;
    assertThat(gateway.query("/doubles/predict", "{\"input\":[1.0]}").json().get("default").asBoolean()).isTrue();
    TestGateway.expectOk(gateway.admin("update_app", "{\"name\":\"doubles\",\"on_overload\":\"refuse\"}"));
    Reply refused = gateway.query("/doubles/predict", "{\"input\":[1.0]}");
    assertThat(refused.status()).isEqualTo(503);
    assertThat(refused.header("Retry-After")).isEqualTo("1");
  }

  @Test
  void whatIsTooLargeWhenItIsUnpackedIsRefusedBeforeThereIsRoomForIt() {
    int elements = (16 << 20) / Double.BYTES;
    String largest = "0" + ",0".repeat(elements - 1);
    String cause = " takes 16777224 bytes when it is unpacked, more than the 16777216 of clipper.size-limit";
    assertThat(gateway.query("/doubles/predict", "{\"input\":[%s]}".formatted(largest)).status()).isEqualTo(200);
    assertThat(asked().elements()).isEqualTo(elements);

    Reply one = gateway.query("/doubles/predict", "{\"input\":[%s,0]}".formatted(largest));
    assertThat(one.status()).isEqualTo(413);
    assertThat(one.json().get("cause").asText()).isEqualTo("input" + cause);
    Reply ofBatch = gateway.query("/doubles/predict", "{\"input_batch\":[[1],[%s,0]]}".formatted(largest));
    assertThat(ofBatch.status()).isEqualTo(413);
    assertThat(ofBatch.json().get("cause").asText()).isEqualTo("input_batch[1]" + cause);
    assertThat(gateway.query("/doubles/update", "{\"input\":[%s,0],\"label\":1}".formatted(largest)).status()).isEqualTo(413);
    assertThat(gateway.clipper.queries).hasSize(1);
    assertThat(gateway.clipper.feedback).isEmpty();
  }

  @Test
  void aBatchIsTooLargeWhereItsInputsAreTogether() {
    String half = "[0" + ",0".repeat((8 << 20) / Double.BYTES - 1) + "]";
    assertThat(outputs(gateway.query("/doubles/predict", "{\"input_batch\":[%s,[],%s]}".formatted(half, half)))).hasSize(3);

    Reply over = gateway.query("/doubles/predict", "{\"input_batch\":[%s,[1],%s,[]]}".formatted(half, half));
    assertThat(over.status()).isEqualTo(413);
    assertThat(over.json().get("cause").asText())
        .isEqualTo("input_batch up to item 2 takes 16777224 bytes when it is unpacked, more than the 16777216 of clipper.size-limit");
    assertThat(gateway.clipper.queries).hasSize(3);
  }

  @Test
  void aBatchHasABoundOnItsInputsHoweverSmallTheyAre() {
    String most = "[]" + ",[]".repeat((1 << 14) - 1);
    assertThat(outputs(gateway.query("/doubles/predict", "{\"input_batch\":[%s]}".formatted(most)))).hasSize(1 << 14);
    assertThat(cause("/doubles/predict", "{\"input_batch\":[%s,[]]}".formatted(most))).contains("input_batch has more than 16384 inputs");
    assertThat(gateway.clipper.queries).hasSize(1 << 14);
  }

  @Test
  void featuresAreCountedBeforeTheyAreKept() {
    assertThat(cause("/doubles/predict", "{\"input\":[1.0],\"features\":[%s]}".formatted("0,".repeat(32) + "0")))
        .contains("JSON key features has more than 32 numbers");
  }

  @Test
  void whatTheNodeFindsTooLargeIsA413() {
    gateway.clipper.fault = Optional.of(new Refused(Refused.Reason.TOO_LARGE, "too large"));
    Reply reply = gateway.query("/doubles/predict", "{\"input\":[1.0]}");
    assertThat(reply.status()).isEqualTo(413);
    assertThat(reply.json().get("cause").asText()).isEqualTo("too large");
  }

  @Test
  void aBugIsA500WithAnIdAndNothingOfItsInside() {
    gateway.clipper.fault = Optional.of(new IllegalStateException("secret"));
    Reply reply = gateway.query("/doubles/predict", "{\"input\":[1.0]}");
    assertThat(reply.status()).isEqualTo(500);
    assertThat(reply.json().get("cause").asText()).startsWith("An unexpected error occurred! (id ").doesNotContain("secret");
  }

  @Test
  void anUnknownOrDeletedApplicationIsNotFound() {
    assertThat(gateway.query("/nope/predict", "{\"input\":[1.0]}").status()).isEqualTo(404);
    TestGateway.expectOk(gateway.admin("delete_app", "{\"name\":\"doubles\"}"));
    assertThat(gateway.query("/doubles/predict", "{\"input\":[1.0]}").json().get("cause").asText()).isEqualTo("No application with name 'doubles' exists.");
  }

  @Test
  void whatANodeThatStartsDoesNotKnowMayBeThere() {
    gateway.clipper.knowsCatalog = false;

    for (Reply reply : List.of(gateway.query("/nope/predict", "{\"input\":[1.0]}"), gateway.query("/nope/update", "{\"query_id\":1,\"label\":\"1\"}"))) {
      assertThat(reply.status()).isEqualTo(503);
      assertThat(reply.json().get("cause").asText()).startsWith("this node is starting");
    }
    assertThat(gateway.query("/doubles/predict", "{\"input\":[1.0]}").status()).as("of what it knew").isEqualTo(200);
  }

  @Test
  void anApplicationsNameMayNeedEscapes() {
    gateway.application("a+ü%", "ints");
    assertThat(gateway.query("/a+%C3%BC%25/predict", "{\"input\":[1]}").status()).isEqualTo(200);
  }

  @Test
  void aNestedInputHasTheShapeOfItsSignature() {
    gateway.application("images", "x:FP32[2,-1]");
    assertThat(gateway.query("/images/predict", "{\"input\":[[1,2,3],[4,5,6]]}").status()).isEqualTo(200);
    assertThat(asked()).isEqualTo(Tensor.ofFloats(1, 2, 3, 4, 5, 6).reshaped(2, 3));
    assertThat(gateway.query("/images/predict", "{\"input\":[1,2,3,4]}").status()).isEqualTo(200);
    assertThat(asked()).isEqualTo(Tensor.ofFloats(1, 2, 3, 4).reshaped(2, 2));
    assertThat(cause("/images/predict", "{\"input\":[[1,2],[3]]}")).contains("input is ragged: 2 and 1 elements in dimension 1");
    assertThat(cause("/images/predict", "{\"input\":[[1,2]]}")).contains("input has 1 elements in dimension 0, expected 2");
    assertThat(cause("/images/predict", "{\"input\":[1,2,3]}")).contains("input has 3 elements, expected a multiple of 2");
  }

  @Test
  void aFixedExtentIsChecked() {
    gateway.application("digits", "pixels:FP64[4]");
    assertThat(cause("/digits/predict", "{\"input\":[1,2,3]}")).contains("input has 3 elements, expected 4");
    assertThat(cause("/digits/predict", "{\"input_batch\":[[1,2,3,4],[1]]}")).contains("input_batch[1] has 1 elements, expected 4");
  }

  @Test
  void severalTensorsAreAnObjectByName() {
    gateway.application("two", "ids:INT64[-1],weight:FP64[]");
    assertThat(gateway.query("/two/predict", "{\"input\":{\"weight\":0.5,\"ids\":[1,2]}}").status()).isEqualTo(200);
    Input input = gateway.clipper.queries.getLast().input();
    assertThat(input.named("ids")).contains(Tensor.ofLongs(1, 2));
    assertThat(input.named("weight")).contains(Tensor.ofDoubles(0.5).reshaped());
    assertThat(cause("/two/predict", "{\"input\":{\"ids\":[1,2]}}")).contains("input lacks tensor 'weight'");
    assertThat(cause("/two/predict", "{\"input\":[1]}")).contains("expected an object of the tensors [ids, weight]");
  }

  @Test
  void anOptionalTensorMayBeLeftOut() {
    gateway.application("masked", "x:FP32[2],mask:INT32[2]?");
    for (String body : List.of("{\"input\":{\"x\":[1,2]}}", "{\"input\":[1,2]}")) {
      assertThat(gateway.query("/masked/predict", body).status()).isEqualTo(200);
      assertThat(gateway.clipper.queries.getLast().input()).isEqualTo(new Input(List.of(new NamedTensor("x", Tensor.ofFloats(1, 2)))));
    }
    assertThat(gateway.query("/masked/predict", "{\"input_batch\":[{\"x\":[1,2],\"mask\":[0,1]},[3,4]]}").status()).isEqualTo(200);
    assertThat(gateway.clipper.queries.get(2).input().named("mask")).contains(Tensor.ofInts(0, 1));
    assertThat(gateway.clipper.queries.get(3).input().named("mask")).isEmpty();
    assertThat(cause("/masked/predict", "{\"input\":{\"mask\":[0,1]}}")).contains("input lacks tensor 'x'");

    gateway.application("either", "image:UINT8[2]?,text:BYTES[1]?");
    assertThat(gateway.query("/either/predict", "{\"input\":{\"text\":\"a\"}}").status()).isEqualTo(200);
    assertThat(cause("/either/predict", "{\"input\":{}}")).contains("input has no tensor at all; it takes image:UINT8[2]?,text:BYTES[1]?");
  }

  @Test
  void everyDatatypeHasItsRange() {
    gateway.application("all", "b:BOOL[1],u:UINT64[1],i:INT8[1],h:FP16[1],f:BF16[1],w:UINT32[1],s:INT16[1]");
    String good = "{\"input\":{\"b\":[true],\"u\":[18446744073709551615],\"i\":[-128],\"h\":[0.5],\"f\":[1.5],\"w\":[4294967295],\"s\":[-2]}}";
    assertThat(gateway.query("/all/predict", good).status()).isEqualTo(200);
    Input input = gateway.clipper.queries.getLast().input();
    assertThat(input.named("u").orElseThrow().longAt(0)).isEqualTo(-1);
    assertThat(input.named("h").orElseThrow().doubleAt(0)).isEqualTo(0.5);
    assertThat(input.named("f").orElseThrow().doubleAt(0)).isEqualTo(1.5);
    assertThat(input.named("w").orElseThrow().longAt(0)).isEqualTo(4294967295L);
    for (String[] bad : new String[][] {{"true", "1"}, {"18446744073709551615", "-1"}, {"-128", "-129"}, {"0.5", "70000"}, {"4294967295", "4294967296"}}) {
      assertThat(gateway.query("/all/predict", good.replace("[" + bad[0] + "]", "[" + bad[1] + "]")).status()).as(bad[1]).isEqualTo(400);
    }
  }

  @Test
  void anUpdateIsReadAndAcknowledged() {
    Reply reply = gateway.query("/doubles/update", "{\"uid\":23,\"input\":[1.4,2.23,3.243242,0.3223424],\"label\":1.0}");
    assertThat(reply.body()).isEqualTo("{\"query_id\":7,\"observed\":true,\"models\":3}");
    Feedback feedback = gateway.clipper.feedback.getLast();
    assertThat(feedback.target()).isEqualTo(new Feedback.OfInput(Input.of(Tensor.ofDoubles(1.4, 2.23, 3.243242, 0.3223424))));
    assertThat(feedback.judgement()).isEqualTo(new Feedback.Label("1"));
  }

  @Test
  void labelsRewardsAndLossesOfAQueryAreRead() {
    assertThat(judgement("\"label\":3")).isEqualTo(new Feedback.Label("3"));
    assertThat(judgement("\"label\":\"3.0\"")).isEqualTo(new Feedback.Label("3"));
    assertThat(judgement("\"label\":true")).isEqualTo(new Feedback.Label("true"));
    assertThat(judgement("\"reward\":0.25,\"context\":\"anna\",\"feedback_id\":\"f1\"")).isEqualTo(new Feedback.Reward(0.25));
    assertThat(gateway.clipper.feedback.getLast().feedbackId()).contains("f1");
    assertThat(judgement("\"loss\":1")).isEqualTo(new Feedback.Loss(1));
  }

  private Feedback.Judgement judgement(String fields) {
    TestGateway.expectOk(gateway.query("/doubles/update", "{\"query_id\":7,%s}".formatted(fields)));
    return gateway.clipper.feedback.getLast().judgement();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"uid\":23,\"input\":[1.4]}", "{\"label\":1}", "{\"query_id\":1,\"reward\":1.5}", "{\"query_id\":1,\"loss\":-0.1}",
        "{\"query_id\":-1,\"label\":1}", "{\"query_id\":1,\"label\":[1]}", "{\"input\":[1.0],\"reward\":1}", "{\"query_id\":1,\"label\":1,\"loss\":0}",
        "{\"query_id\":1.5,\"label\":1}", "{\"query_id\":9007199254740992,\"label\":1}", "{\"query_id\":1,\"label\":1e999}"
      })
  void anUpdateThatSaysNothingUsableIsABadRequest(String body) {
    assertThat(gateway.query("/doubles/update", body).status()).isEqualTo(400);
    assertThat(gateway.clipper.feedback).isEmpty();
  }

  @Test
  void addingManyApplicationsAndDeletingHalfLeavesHalf() {
    for (int i = 0; i < 500; i++) {
      gateway.application("many" + i, "doubles");
    }
    for (int i = 0; i < 250; i++) {
      TestGateway.expectOk(gateway.admin("delete_app", "{\"name\":\"many%d\"}".formatted(i)));
    }
    assertThat(gateway.query("/many249/predict", "{\"input\":[1]}").status()).isEqualTo(404);
    assertThat(gateway.query("/many250/predict", "{\"input\":[1]}").status()).isEqualTo(200);
    assertThat(gateway.admin("get_all_applications", "{}").json()).hasSize(250 + 5);
  }

  @Test
  void theOriginalsMetricsAreNumbers() {
    linked("doubles", "doubles", input -> Output.of(1.0));
    gateway.query("/doubles/predict", "{\"input_batch\":[[1],[2]]}");
    gateway.query("/ints/predict", "{\"input\":[1]}");
    JsonNode metrics = gateway.get(gateway.queries("/metrics")).json();
    assertThat(metrics.at("/counters/app:doubles:num_predictions/count").intValue()).isEqualTo(2);
    assertThat(metrics.at("/ratio_counters/app:doubles:default_prediction_ratio/ratio").doubleValue()).isZero();
    assertThat(metrics.at("/ratio_counters/app:ints:default_prediction_ratio/ratio").doubleValue()).isEqualTo(1);
    assertThat(metrics.at("/histograms/app:doubles:prediction_latency/size").intValue()).isEqualTo(2);
    assertThat(metrics.at("/histograms/app:doubles:prediction_latency/p99").isNumber()).isTrue();
    assertThat(metrics.at("/meters/app:doubles:prediction_throughput/unit").asText()).isEqualTo("events per second");
    assertThat(metrics.at("/meters/app:doubles:prediction_throughput/rate").doubleValue()).isPositive();
  }

  @Test
  void lateDefaultsSayWhy() {
    TestGateway.expectOk(gateway.model("m", "1", "doubles"));
    TestGateway.expectOk(gateway.link("doubles", "m"));
    assertThat(gateway.query("/doubles/predict", "{\"input\":[1]}").json().get("default_explanation").asText()).isEqualTo(Prediction.LATE);
  }

  private String cause(String path, String body) {
    Reply reply = gateway.query(path, body);
    assertThat(reply.status()).isEqualTo(400);
    return reply.json().get("cause").asText();
  }

  private static List<String> outputs(Reply reply) {
    assertThat(reply.status()).as(reply.body()).isEqualTo(200);
    return StreamSupport.stream(reply.json().get("batch_predictions").spliterator(), false).map(answer -> answer.get("output").toString()).toList();
  }
}
