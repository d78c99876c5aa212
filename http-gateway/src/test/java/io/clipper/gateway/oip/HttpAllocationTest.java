package io.clipper.gateway.oip;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.clipper.gateway.TestGateway;
import io.clipper.model.Output;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What all threads of the server allocate for a request over a real connection: what arrives, once, and its tensors, once. The client writes
 * from an array to a socket, which allocates nothing.
 */
class HttpAllocationTest {
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private static final int ELEMENTS = 3 << 20;
  private static final int TENSOR = Float.BYTES * ELEMENTS;
  /** What actors, buffers of parsers and messages take for a request of any size. */
  private static final long FIXED = 1 << 20;

  private final TestGateway gateway = new TestGateway();
  private final byte[] received = new byte[64 << 10];

  @BeforeEach
  void aModelOfImages() {
    gateway.application("images", "x:FP32[-1]");
    TestGateway.expectOk(gateway.model("first", "1", "x:FP32[-1]"));
    TestGateway.expectOk(gateway.model("same", "1", "x:FP32[-1]"));
    TestGateway.expectOk(gateway.link("images", "first"));
    gateway.clipper.serve("first:1", input -> Output.of(input.first().doubleAt(0)));
    gateway.clipper.serve("same:1", input -> Output.of(input.first()));
  }

  @AfterEach
  void close() {
    gateway.close();
  }

  @Test
  void anImageIsCopiedOnceIntoItsRow() {
    byte[] image = binary("images", "[1,%d]".formatted(ELEMENTS), false);
    assertThat(allocated(image, 200)).isLessThan(2L * TENSOR + FIXED);
  }

  @Test
  void everyRowOfABatchIsCopiedOnce() {
    byte[] rows = binary("images", "[64,%d]".formatted(ELEMENTS / 64), false);
    assertThat(allocated(rows, 200)).isLessThan(2L * TENSOR + FIXED);
  }

  @Test
  void anAnswerInBinaryIsNotCopied() {
    byte[] image = binary("same@model", "[1,%d]".formatted(ELEMENTS), true);
    assertThat(allocated(image, 200)).isLessThan(2L * TENSOR + FIXED);
  }

  @Test
  void jsonCostsItselfAndItsTensor() {
    byte[] body = json("\"data\":[" + numbers() + "],\"parameters\":{}", ELEMENTS);
    assertThat(allocated(post("/v2/models/images/infer", "", body), 200)).isLessThan(body.length + TENSOR + FIXED);
  }

  @Test
  void rowsOfAPredictCostThemselvesAndTheirTensor() {
    byte[] body = ("{\"instances\":[[" + numbers() + "]]}").getBytes(StandardCharsets.US_ASCII);
    assertThat(allocated(post("/v1/models/images:predict", "", body), 200)).isLessThan(body.length + TENSOR + FIXED);
  }

  @Test
  void aPackedBodyCostsWhatItUnpacksTo() {
    byte[] body = json("\"data\":[" + numbers() + "]", ELEMENTS);
    byte[] packed = packed(body);
    byte[] request = post("/v2/models/images/infer", "Content-Encoding: gzip\r\n", packed);
    assertThat(allocated(request, 200)).isLessThan(packed.length + body.length + TENSOR + FIXED);
  }

  @Test
  void whatIsRefusedCostsNoMoreThanTwiceItsSize() {
    byte[] shape = json("\"data\":[" + numbers() + "]", ELEMENTS + 1);
    assertThat(allocated(post("/v2/models/images/infer", "", shape), 400)).isLessThan(2L * shape.length + FIXED);
    byte[] last = json("\"data\":[" + numbers() + ",\"1\"]", ELEMENTS + 1);
    assertThat(allocated(post("/v2/models/images/infer", "", last), 400)).isLessThan(2L * last.length + FIXED);
    byte[] rows = ("{\"instances\":[[" + numbers() + ",\"1\"]]}").getBytes(StandardCharsets.US_ASCII);
    assertThat(allocated(post("/v1/models/images:predict", "", rows), 400)).isLessThan(2L * rows.length + FIXED);
    byte[] names = ("{\"ready\":true" + names() + "}").getBytes(StandardCharsets.US_ASCII);
    assertThat(allocated(post("/v2/repository/index", "", names), 400)).isLessThan(2L * names.length + FIXED);
    assertThat(allocated(post("/images/predict", "", names), 400)).isLessThan(2L * names.length + FIXED);
  }

  private static String numbers() {
    return "1" + ",1".repeat(ELEMENTS - 1);
  }

  private static String names() {
    StringBuilder names = new StringBuilder();
    for (int i = 0; names.length() < TENSOR / 2; i++) {
      names.append(",\"").append(i).append("\":1");
    }
    return names.toString();
  }

  private static byte[] json(String data, int elements) {
    String body = "{\"inputs\":[{\"name\":\"x\",\"shape\":[1,%d],\"datatype\":\"FP32\",%s}]}".formatted(elements, data);
    return body.getBytes(StandardCharsets.US_ASCII);
  }

  private static byte[] binary(String model, String shape, boolean binaryAnswer) {
    String head =
        "{\"inputs\":[{\"name\":\"x\",\"shape\":%s,\"datatype\":\"FP32\",\"parameters\":{\"binary_data_size\":%d}}],\"parameters\":{\"binary_data_output\":%b}}"
            .formatted(shape, TENSOR, binaryAnswer);
    byte[] body = Arrays.copyOf(head.getBytes(StandardCharsets.US_ASCII), head.length() + TENSOR);
    return post("/v2/models/%s/infer".formatted(model), "Inference-Header-Content-Length: %d\r\n".formatted(head.length()), body);
  }

  private static byte[] packed(byte[] body) {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (OutputStream stream = new GZIPOutputStream(packed)) {
      stream.write(body);
    } catch (IOException impossible) {
      throw new UncheckedIOException(impossible);
    }
    return packed.toByteArray();
  }

  private static byte[] post(String path, String headers, byte[] body) {
    String head = "POST %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: %d\r\n%s\r\n".formatted(path, body.length, headers);
    byte[] request = Arrays.copyOf(head.getBytes(StandardCharsets.US_ASCII), head.length() + body.length);
    System.arraycopy(body, 0, request, head.length(), body.length);
    return request;
  }

  /** The least of some runs: what else goes on in the JVM only adds. */
  private long allocated(byte[] request, int status) {
    long least = Long.MAX_VALUE;
    for (int run = 0; run < 4; run++) {
      long before = THREADS.getTotalThreadAllocatedBytes();
      String answer = answer(request);
      least = Math.min(least, THREADS.getTotalThreadAllocatedBytes() - before);
      gateway.clipper.queries.clear();
      assertThat(answer).startsWith("HTTP/1.1 " + status);
    }
    return least;
  }

  /** The start of it; all of it is read. */
  private String answer(byte[] request) {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), gateway.gateway.queryAddress().getPort())) {
      socket.getOutputStream().write(request);
      InputStream in = socket.getInputStream();
      int first = in.read(received);
      String start = new String(received, 0, Math.min(first, 300), StandardCharsets.US_ASCII);
      while (in.read(received) >= 0) {
        // Nothing is asked of the rest.
      }
      return start;
    } catch (IOException broken) {
      throw new UncheckedIOException(broken);
    }
  }
}
