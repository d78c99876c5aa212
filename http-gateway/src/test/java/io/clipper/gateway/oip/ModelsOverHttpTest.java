package io.clipper.gateway.oip;

import static io.clipper.gateway.oip.SumsOverHttp.data;
import static io.clipper.gateway.oip.SumsOverHttp.error;
import static io.clipper.gateway.oip.SumsOverHttp.floats;
import static io.clipper.gateway.oip.SumsOverHttp.sum;
import static io.clipper.gateway.oip.SumsOverHttp.sums;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.clipper.gateway.TestGateway;
import io.clipper.gateway.TestGateway.Reply;
import io.clipper.model.ClassProbabilities;
import io.clipper.model.Input;
import io.clipper.model.NamedTensor;
import io.clipper.model.Output;
import io.clipper.model.Tensor;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Models of all kinds of tensors over HTTP: several, optional, scalar, large, and outputs as classes. */
class ModelsOverHttpTest {
  private final SumsOverHttp http = new SumsOverHttp();
  private final TestGateway gateway = http.gateway;

  @AfterEach
  void close() {
    http.close();
  }

  @Test
  void anImageGoesThroughEveryDoorUpToTheLimit() {
    String type = "pixels:FP32[3,700,700]";
    gateway.application("large", type);
    http.serve("large", "first", type, input -> Output.of(input.first().doubleAt(0)));
    int elements = 3 * 700 * 700;
    String shape = "\"name\":\"pixels\",\"shape\":[2,3,700,700],\"datatype\":\"FP32\"";
    String json = "{\"inputs\":[{%s,\"data\":[1%s]}]}".formatted(shape, ",2".repeat(2 * elements - 1));
    assertThat(data(http.infer("large", json), 0)).containsExactly("1.0", "2.0");
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

  @ParameterizedTest
  @CsvSource({
    "BOOL,'true,false','[true,false]'", "UINT8,'0,255','[0,255]'", "UINT16,'0,65535','[0,65535]'", "UINT32,'0,4294967295','[0,4294967295]'",
    "UINT64,'0,18446744073709551615','[0,18446744073709551615]'", "INT8,'-128,127','[-128,127]'", "INT16,'-32768,32767','[-32768,32767]'",
    "INT32,'-2147483648,2147483647','[-2147483648,2147483647]'", "INT64,'-9223372036854775808,9223372036854775807','[-9223372036854775808,9223372036854775807]'",
    "FP16,'0.5,-2','[0.5,-2.0]'", "BF16,'0.5,-2','[0.5,-2.0]'", "FP32,'0.1,1e30','[0.1,1.0E30]'", "FP64,'0.1,1e300','[0.1,1.0E300]'"
  })
  void everyDatatypeGoesThroughInJson(String datatype, String sent, String back) {
    gateway.application("echo", "x:%s[2]".formatted(datatype));
    http.serve("echo", "same", "x:%s[2]".formatted(datatype), input -> Output.of(input.first()));
    Reply reply = http.infer("echo", "{\"inputs\":[{\"name\":\"x\",\"shape\":[1,2],\"datatype\":\"%s\",\"data\":[%s]}]}".formatted(datatype, sent));
    assertThat(reply.body()).contains("\"datatype\":\"%s\",\"shape\":[1,2],\"data\":%s".formatted(datatype, back));
  }

  @Test
  void severalNamedInputsAndOutputsGoThrough() {
    String type = "ids:INT64[2],weight:FP64[]";
    gateway.application("pair", type);
    http.serve(
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
    Reply reply = http.infer("pair", body);
    assertThat(data(reply, 0)).containsExactly("1", "2", "3", "4");
    assertThat(data(reply, 1)).containsExactly("0.5", "0.25");
    assertThat(error(http.infer("pair", body.replace("[2],", "[1],").replace("0.5,", "")), 400)).contains("rows");
  }

  /** As JSON, as binary data, and raw; the count of rows is that of the first tensor that is given, wherever it stands in the signature. */
  @Test
  void anOptionalInputMayBeMissing() {
    gateway.application("masked", "mask:INT32[2]?,x:FP32[2]");
    http.serve(
        "masked",
        "masks",
        "mask:INT32[2]?,x:FP32[2]",
        input -> Output.of(sum(input.named("x").orElseThrow()) * input.named("mask").map(SumsOverHttp::sum).orElse(-1.0)));
    String mask = "{\"name\":\"mask\",\"shape\":[2,2],\"datatype\":\"INT32\",\"data\":[1,1,0,3]}";

    assertThat(data(http.infer("masked", sums("[1,2,3,4]", "")), 0)).containsExactly("-3.0", "-7.0");
    assertThat(data(http.infer("masks@model", sums("[1,2,3,4]", "")), 0)).containsExactly("-3.0", "-7.0");
    assertThat(data(http.infer("masked", sums("[1,2,3,4]", "").replace("}]", "}," + mask + "]")), 0)).containsExactly("6.0", "21.0");
    assertThat(error(http.infer("masked", "{\"inputs\":[%s]}".formatted(mask)), 400)).isEqualTo("inference input 'x' is missing: it is FP32 of shape [-1, 2]");
    assertThat(error(http.infer("masked", sums("[1,2,3,4]", "").replace("}]", "}," + mask.replace("mask", "musk") + "]")), 400))
        .isEqualTo("unexpected inference input 'musk': the inputs are 'mask' INT32[-1, 2]?, 'x' FP32[-1, 2]");

    String header = "{\"inputs\":[{\"name\":\"x\",\"shape\":[2,2],\"datatype\":\"FP32\",\"parameters\":{\"binary_data_size\":16}}]}";
    assertThat(data(http.binary("masked", header, floats(1, 2, 3, 4)), 0)).containsExactly("-3.0", "-7.0");
    assertThat(http.send("masked", "0", floats(1, 2)).status()).isEqualTo(200);
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
    assertThat(error(http.infer("either", "{\"inputs\":[]}"), 400)).contains("'image' UINT8[-1, 2]?, 'text' BYTES[-1, 1]?");
  }

  @Test
  void anInputWithoutABatchDimensionIsAnsweredWithoutOne() {
    gateway.application("image", "pixels:UINT8[2,3]");
    http.serve("image", "same", "pixels:UINT8[2,3]", input -> Output.of(input.first()));
    Reply reply = http.infer("image", "{\"inputs\":[{\"name\":\"pixels\",\"shape\":[2,3],\"datatype\":\"UINT8\",\"data\":[[1,2,3],[4,5,6]]}]}");
    assertThat(reply.json().get("outputs").get(0).get("shape").toString()).isEqualTo("[2,3]");
  }

  @Test
  void aScalarIsConfiguredAsAVectorOfOneAndTakenAsSuch() {
    gateway.application("scalars", "x:FP32[]");
    http.serve("scalars", "double", "x:FP32[]", input -> Output.of(2 * input.first().doubleAt(0)));
    JsonNode config = gateway.get(gateway.queries("/v2/models/scalars/config")).json();
    assertThat(config.get("input").get(0).get("dims").toString()).isEqualTo("[1]");
    assertThat(config.get("input").get(0).get("reshape").toString()).isEqualTo("{\"shape\":[]}");
    for (String shape : List.of("[2]", "[2,1]")) {
      String body = "{\"inputs\":[{\"name\":\"x\",\"shape\":%s,\"datatype\":\"FP32\",\"data\":[1,2]}]}".formatted(shape);
      assertThat(data(http.infer("scalars", body), 0)).containsExactly("2.0", "4.0");
    }
  }

  @Test
  void theHighestClassesAreNamedByValueIndexAndLabel() {
    gateway.application("animals", "x:FP32[1]");
    ClassProbabilities probabilities = new ClassProbabilities(List.of("cat", "dog", "owl"), new double[] {0.25, 0.125, 0.625});
    http.serve(
        "animals",
        "guess",
        "x:FP32[1]",
        input -> new Output(List.of(new NamedTensor("label", Tensor.ofStrings("owl").reshaped())), Optional.of(probabilities)));
    String input = "{\"inputs\":[{\"name\":\"x\",\"shape\":[1,1],\"datatype\":\"FP32\",\"data\":[1]}],\"outputs\":";
    Reply reply = http.infer("animals", input + "[{\"name\":\"label\",\"parameters\":{\"classification\":2}},{\"name\":\"probabilities\"}]}");
    assertThat(data(reply, 0)).containsExactly("0.625000:2:owl", "0.250000:0:cat");
    assertThat(reply.json().get("outputs").get(0).get("datatype").asText()).isEqualTo("BYTES");
    assertThat(reply.json().get("outputs").get(0).get("shape").toString()).isEqualTo("[1,2]");
    assertThat(data(reply, 1)).containsExactly("0.25", "0.125", "0.625");
  }
}
