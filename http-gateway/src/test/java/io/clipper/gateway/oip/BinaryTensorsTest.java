package io.clipper.gateway.oip;

import static io.clipper.gateway.oip.SumsOverHttp.data;
import static io.clipper.gateway.oip.SumsOverHttp.error;
import static io.clipper.gateway.oip.SumsOverHttp.floats;
import static io.clipper.gateway.oip.SumsOverHttp.joined;
import static io.clipper.gateway.oip.SumsOverHttp.sum;
import static io.clipper.gateway.oip.SumsOverHttp.sums;
import static io.clipper.gateway.oip.SumsOverHttp.tail;
import static org.assertj.core.api.Assertions.assertThat;

import io.clipper.gateway.TestGateway;
import io.clipper.gateway.TestGateway.Reply;
import io.clipper.model.Datatype;
import io.clipper.model.Output;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.http.HttpRequest;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import java.util.zip.InflaterInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The extension for binary tensors over HTTP, the raw request, and compressed bodies. */
class BinaryTensorsTest {
  private final SumsOverHttp http = new SumsOverHttp();
  private final TestGateway gateway = http.gateway;

  @AfterEach
  void close() {
    http.close();
  }

  @Test
  void bytesGoThroughAsTextAndAsTheyAreInBinary() {
    gateway.application("echo", "x:BYTES[2]");
    http.serve("echo", "same", "x:BYTES[2]", input -> Output.of(input.first()));
    Reply reply = http.infer("echo", "{\"inputs\":[{\"name\":\"x\",\"shape\":[1,2],\"datatype\":\"BYTES\",\"data\":[\"ä\",\"\"]}]}");
    assertThat(data(reply, 0)).containsExactly("ä", "");
    byte[] elements = {2, 0, 0, 0, (byte) 0xFF, 7, 0, 0, 0, 0};
    String json = "{\"inputs\":[{\"name\":\"x\",\"shape\":[1,2],\"datatype\":\"BYTES\",\"parameters\":{\"binary_data_size\":10}}]%s}";
    assertThat(tail(http.binary("echo", json.formatted(",\"parameters\":{\"binary_data_output\":true}"), elements))).isEqualTo(elements);
    assertThat(error(http.binary("echo", json.formatted(""), elements), 400)).contains("not UTF-8");
  }

  @Test
  void binaryRowsAreAnsweredInBinaryOrJsonAsIsAsked() {
    String input = "\"inputs\":[{\"name\":\"x\",\"shape\":[2,2],\"datatype\":\"FP32\",\"parameters\":{\"binary_data_size\":16}}]";
    Reply json = http.binary("sums", "{%s}".formatted(input), floats(1, 2, 3, 4));
    assertThat(json.header("Content-Type")).isEqualTo("application/json");
    assertThat(json.header("Inference-Header-Content-Length")).isEmpty();
    assertThat(data(json, 0)).containsExactly("3.0", "7.0");
    String outputs = ",\"outputs\":[{\"name\":\"default\"},{\"name\":\"output\",\"parameters\":{\"binary_data\":true}}]";
    Reply binary = http.binary("sums", "{%s%s}".formatted(input, outputs), floats(1, 2, 3, 4));
    ByteBuffer sums = ByteBuffer.wrap(tail(binary)).order(ByteOrder.LITTLE_ENDIAN);
    assertThat(new double[] {sums.getDouble(), sums.getDouble()}).containsExactly(3, 7);
    assertThat(binary.body()).contains("{\"name\":\"default\",\"datatype\":\"BOOL\",\"shape\":[2],\"data\":[false,false]}");
  }

  @ParameterizedTest
  @EnumSource(value = Datatype.class, names = "BYTES", mode = EnumSource.Mode.EXCLUDE)
  void everyDatatypeGoesThroughInBinary(Datatype datatype) {
    gateway.application("echo", "x:%s[2]".formatted(datatype));
    http.serve("echo", "same", "x:%s[2]".formatted(datatype), input -> Output.of(input.first()));
    byte[] rows = new byte[4 * datatype.elementBytes()];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = (byte) (datatype == Datatype.BOOL ? i % 2 : 0x3f - 37 * i);
    }
    String json =
        "{\"parameters\":{\"binary_data_output\":true},\"inputs\":[{\"name\":\"x\",\"shape\":[2,2],\"datatype\":\"%s\",\"parameters\":{\"binary_data_size\":%d}}]}"
            .formatted(datatype, rows.length);
    Reply reply = http.binary("echo", json, rows);
    assertThat(tail(reply)).isEqualTo(rows);
    assertThat(reply.body()).contains("\"datatype\":\"%s\",\"shape\":[2,2]".formatted(datatype));
  }

  @Test
  void severalBinaryInputsFollowEachOtherInOneBody() {
    String type = "x:FP32[2],t:BYTES[],w:FP32[1]";
    gateway.application("several", type);
    http.serve(
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
    assertThat(data(http.binary("several", json, joined(texts, floats(1, 2, 3, 4))), 0)).containsExactly("3.0 [a] 0.5", "7.0 [] 0.25");
  }

  @Test
  void aRawRequestIsOneRowAndAnsweredInBinary() {
    ByteBuffer sum = ByteBuffer.wrap(tail(http.send("sums", "0", floats(1, 2, 4)))).order(ByteOrder.LITTLE_ENDIAN);
    assertThat(sum.getDouble()).isEqualTo(7);
    gateway.application("texts", "strings");
    http.serve("texts", "length", "strings", input -> Output.of((long) input.first().strings().getFirst().length()));
    assertThat(tail(http.send("texts", "0", "hello".getBytes(StandardCharsets.UTF_8)))[0]).isEqualTo((byte) 5);
  }

  @ParameterizedTest
  @CsvSource({"-1,outside", "1000000,outside", "x,outside", "99999999999999999999,outside", "10,JSON parse error"})
  void aHeaderLengthThatLiesIsRefused(String length, String said) {
    assertThat(error(http.send("sums", length, sums("[1,2,3,4]", "").getBytes(StandardCharsets.UTF_8)), 400)).contains(said);
  }

  @Test
  void bytesThatLieAboutTheirLengthAreRefused() {
    gateway.application("texts", "strings");
    String json = "{\"inputs\":[{\"name\":\"input\",\"shape\":[1,1],\"datatype\":\"BYTES\",\"parameters\":{\"binary_data_size\":%d}}]}";
    assertThat(error(http.binary("texts", json.formatted(6), new byte[] {100, 0, 0, 0, 1, 2}), 400)).contains("runs past the end");
    assertThat(error(http.binary("texts", json.formatted(6), new byte[] {-1, -1, -1, -1, 1, 2}), 400)).contains("runs past the end");
    assertThat(error(http.binary("texts", json.formatted(6), new byte[] {1, 0, 0, 0, 1, 2}), 400)).contains("1 bytes behind");
    assertThat(error(http.binary("texts", json.formatted(5), new byte[] {1, 0, 0, 0, 1, 2}), 400)).contains("1 bytes follow");
    assertThat(error(http.binary("texts", json.formatted(7), new byte[] {1, 0, 0, 0, 1, 2}), 400)).contains("where 6 are left");
  }

  @Test
  void aTensorOfNothingTakesNoBytes() {
    String input = "\"inputs\":[{\"name\":\"x\",\"shape\":[1,0],\"datatype\":\"FP32\",\"parameters\":{\"binary_data_size\":0}}]";
    assertThat(data(http.binary("sums", "{%s}".formatted(input), new byte[0]), 0)).containsExactly("0.0");
    assertThat(error(http.binary("sums", "{%s}".formatted(input), new byte[1]), 400)).contains("1 bytes follow");
    TestGateway.expectOk(gateway.model("same", "1", "x:FP32[-1]"));
    gateway.clipper.serve("same:1", inputOf -> Output.of(inputOf.first()));
    Reply nothing = http.binary("same", "{%s,\"parameters\":{\"binary_data_output\":true}}".formatted(input), new byte[0]);
    assertThat(tail(nothing)).isEmpty();
    assertThat(nothing.body()).contains("\"shape\":[1,0],\"parameters\":{\"binary_data_size\":0}");
  }

  @ParameterizedTest
  @ValueSource(strings = {"gzip", "deflate"})
  void compressedBodiesGoBothWays(String encoding) throws IOException {
    HttpRequest.Builder request = packed(encoding, "/v2/models/sums/infer", sums("[1,2,3,4]", ""));
    assertThat(data(gateway.send(request), 0)).containsExactly("3.0", "7.0");
    Reply answer = gateway.send(request.header("Accept-Encoding", encoding));
    assertThat(answer.header("Content-Type")).isEqualTo("application/json");
    assertThat(new String(unpacked(encoding, answer), StandardCharsets.UTF_8)).contains("[3.0,7.0]");
  }

  /** The header counts the JSON as it is before it is compressed, in the request and in the answer. */
  @ParameterizedTest
  @ValueSource(strings = {"gzip", "deflate"})
  void binaryTensorsAreCompressedWithTheJsonBeforeThem(String encoding) throws IOException {
    String json =
        "{\"parameters\":{\"binary_data_output\":true},\"inputs\":[{\"name\":\"x\",\"shape\":[2,2],\"datatype\":\"FP32\",\"parameters\":{\"binary_data_size\":16}}]}";
    HttpRequest.Builder request =
        packed(encoding, "/v2/models/sums/infer", joined(json.getBytes(StandardCharsets.UTF_8), floats(1, 2, 3, 4)))
            .header("Inference-Header-Content-Length", Integer.toString(json.length()))
            .header("Accept-Encoding", encoding);
    Reply answer = gateway.send(request);
    assertThat(answer.status()).as(answer.body()).isEqualTo(200);
    assertThat(answer.header("Content-Type")).isEqualTo("application/octet-stream");
    byte[] body = unpacked(encoding, answer);
    int length = Integer.parseInt(answer.header("Inference-Header-Content-Length"));
    assertThat(new String(body, 0, length, StandardCharsets.UTF_8)).startsWith("{\"model_name\":\"sums\"").endsWith("\"parameters\":{\"binary_data_size\":16}}]}");
    ByteBuffer sums = ByteBuffer.wrap(body, length, body.length - length).order(ByteOrder.LITTLE_ENDIAN);
    assertThat(new double[] {sums.getDouble(), sums.getDouble()}).containsExactly(3, 7);
    assertThat(sums.hasRemaining()).isFalse();
  }

  private static byte[] unpacked(String encoding, Reply answer) throws IOException {
    assertThat(answer.header("Content-Encoding")).isEqualTo(encoding);
    InputStream packed = new ByteArrayInputStream(answer.response().body());
    try (InputStream stream = encoding.equals("gzip") ? new GZIPInputStream(packed) : new InflaterInputStream(packed)) {
      return stream.readAllBytes();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"gzip", "deflate"})
  void theRepositoryReadsCompressedBodies(String encoding) throws IOException {
    gateway.startedByNodes("adder");
    assertThat(http.infer("adder@model", sums("[1,2,3,4]", "")).status()).isEqualTo(200);
    assertThat(gateway.send(packed(encoding, "/v2/repository/models/adder@model/unload", "{\"parameters\":{\"unload_dependents\":false}}")).status()).isEqualTo(200);
    assertThat(gateway.send(packed(encoding, "/v2/repository/index", "{\"ready\":true}")).body()).doesNotContain("adder@model");
    assertThat(gateway.send(packed(encoding, "/v2/repository/models/adder@model/load", "{}")).status()).isEqualTo(200);
    assertThat(gateway.send(packed(encoding, "/v2/repository/main/index", "{\"ready\":true}")).body()).contains("adder@model");
    assertThat(error(gateway.send(packed(encoding, "/v2/repository/index", "{\"ready\":3}")), 400)).contains("ready");
    HttpRequest.Builder wrong =
        HttpRequest.newBuilder(gateway.queries("/v2/repository/index")).header("Content-Encoding", "br").POST(HttpRequest.BodyPublishers.ofString("{}"));
    assertThat(error(gateway.send(wrong), 501)).contains("'br'");
  }

  private HttpRequest.Builder packed(String encoding, String path, String body) throws IOException {
    return packed(encoding, path, body.getBytes(StandardCharsets.UTF_8));
  }

  private HttpRequest.Builder packed(String encoding, String path, byte[] body) throws IOException {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (OutputStream stream = encoding.equals("gzip") ? new GZIPOutputStream(packed) : new DeflaterOutputStream(packed)) {
      stream.write(body);
    }
    return HttpRequest.newBuilder(gateway.queries(path))
        .header("Content-Encoding", encoding)
        .POST(HttpRequest.BodyPublishers.ofByteArray(packed.toByteArray()));
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
}
