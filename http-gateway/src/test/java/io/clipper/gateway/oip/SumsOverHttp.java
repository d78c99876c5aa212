package io.clipper.gateway.oip;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.clipper.gateway.TestGateway;
import io.clipper.gateway.TestGateway.Reply;
import io.clipper.model.Input;
import io.clipper.model.Output;
import io.clipper.model.Tensor;
import java.net.http.HttpRequest;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.stream.StreamSupport;

/** A gateway with an application that adds up rows of floats, asked over HTTP. */
final class SumsOverHttp implements AutoCloseable {
  final TestGateway gateway = new TestGateway();

  SumsOverHttp() {
    gateway.application("sums", "x:FP32[-1]");
    serve("sums", "adder", "x:FP32[-1]", input -> Output.of(sum(input.first())));
  }

  @Override
  public void close() {
    gateway.close();
  }

  void serve(String application, String model, String type, Function<Input, Output> function) {
    TestGateway.expectOk(gateway.model(model, "1", type));
    TestGateway.expectOk(gateway.link(application, model));
    gateway.clipper.serve(model + ":1", function);
  }

  static double sum(Tensor tensor) {
    double sum = 0;
    for (int i = 0; i < tensor.elements(); i++) {
      sum += tensor.doubleAt(i);
    }
    return sum;
  }

  Reply infer(String model, String body) {
    return gateway.query("/v2/models/%s/infer".formatted(model), body);
  }

  static String sums(String data, String more) {
    return "{\"inputs\":[{\"name\":\"x\",\"shape\":[2,2],\"datatype\":\"FP32\",\"data\":%s}]%s}".formatted(data, more);
  }

  static List<String> data(Reply reply, int output) {
    assertThat(reply.status()).as(reply.body()).isEqualTo(200);
    return texts(reply.json().get("outputs").get(output).get("data"));
  }

  static List<String> texts(JsonNode array) {
    return StreamSupport.stream(array.spliterator(), false).map(JsonNode::asText).toList();
  }

  static String error(Reply reply, int status) {
    assertThat(reply.status()).as(reply.body()).isEqualTo(status);
    assertThat(reply.header("Content-Type")).isEqualTo("application/json");
    assertThat(reply.json().size()).isEqualTo(1);
    return reply.json().get("error").asText();
  }

  Reply binary(String model, String json, byte[] tail) {
    byte[] head = json.getBytes(StandardCharsets.UTF_8);
    return send(model, Integer.toString(head.length), joined(head, tail));
  }

  Reply send(String model, String headerLength, byte[] body) {
    return gateway.send(
        HttpRequest.newBuilder(gateway.queries("/v2/models/%s/infer".formatted(model)))
            .header("Inference-Header-Content-Length", headerLength)
            .header("Content-Type", "application/octet-stream")
            .POST(HttpRequest.BodyPublishers.ofByteArray(body)));
  }

  static byte[] joined(byte[] head, byte[] tail) {
    byte[] all = Arrays.copyOf(head, head.length + tail.length);
    System.arraycopy(tail, 0, all, head.length, tail.length);
    return all;
  }

  static byte[] tail(Reply reply) {
    byte[] body = reply.response().body();
    assertThat(reply.status()).as(reply.body()).isEqualTo(200);
    assertThat(reply.header("Content-Type")).isEqualTo("application/octet-stream");
    return Arrays.copyOfRange(body, Integer.parseInt(reply.header("Inference-Header-Content-Length")), body.length);
  }

  static byte[] floats(float... values) {
    ByteBuffer bytes = ByteBuffer.allocate(values.length * 4).order(ByteOrder.LITTLE_ENDIAN);
    for (float value : values) {
      bytes.putFloat(value);
    }
    return bytes.array();
  }
}
