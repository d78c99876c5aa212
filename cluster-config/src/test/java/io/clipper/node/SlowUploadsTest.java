package io.clipper.node;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.clipper.node.client.NodeClient;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Models that are deployed at once over lines of different speed. */
class SlowUploadsTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  /** As many as there are threads for first loads. */
  private static final int SLOW = 2;

  @TempDir private Path data;

  /** Comes byte by byte, until its sender is told to end. */
  private static final class Trickle extends InputStream {
    private final CountDownLatch end;

    private Trickle(CountDownLatch end) {
      this.end = end;
    }

    @Override
    public int read() throws IOException {
      try {
        return end.await(100, TimeUnit.MILLISECONDS) ? -1 : 0;
      } catch (InterruptedException interrupted) {
        Thread.currentThread().interrupt();
        throw new IOException("interrupted", interrupted);
      }
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      int next = read();
      if (next < 0) {
        return -1;
      }
      bytes[offset] = (byte) next;
      return 1;
    }
  }

  @Test
  void slowOnesHoldUpNoOther() throws Exception {
    CountDownLatch end = new CountDownLatch(1);
    try (ClipperNode node = ClipperNode.start(TestNodes.options(data, 0, 0, false));
        HttpClient sender = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
        NodeClient client = TestNodes.client(node);
        InputStream onnx = Objects.requireNonNull(Quickstart.class.getResourceAsStream("/digits/models/logistic-regression/1/model.onnx"))) {
      List<CompletableFuture<HttpResponse<String>>> slow = IntStream.range(0, SLOW).mapToObj(number -> upload(sender, node, number, end)).toList();
      try {
        Awaitility.await().atMost(PATIENCE).until(() -> unfinished() == SLOW);

        CompletableFuture<JsonNode> quick = client.deploying(BodyPublishers.ofByteArray(onnx.readAllBytes()), Map.of("name", "quick"));

        assertThat(quick.get(PATIENCE.toSeconds(), TimeUnit.SECONDS).path("state").asText()).isEqualTo("ready");
        assertThat(slow).noneMatch(CompletableFuture::isDone);
      } finally {
        end.countDown();
      }
      for (CompletableFuture<HttpResponse<String>> upload : slow) {
        assertThat(upload.get(PATIENCE.toSeconds(), TimeUnit.SECONDS).statusCode()).as("zeros are no model").isEqualTo(400);
      }
    }
  }

  private static CompletableFuture<HttpResponse<String>> upload(HttpClient sender, ClipperNode node, int number, CountDownLatch end) {
    URI address = URI.create("http://127.0.0.1:%d/admin/deploy?name=slow-%d".formatted(node.adminAddress().getPort(), number));
    return sender.sendAsync(HttpRequest.newBuilder(address).POST(BodyPublishers.ofInputStream(() -> new Trickle(end))).build(), BodyHandlers.ofString());
  }

  private long unfinished() throws IOException {
    try (Stream<Path> files = Files.list(data.resolve("artifacts"))) {
      return files.filter(file -> file.getFileName().toString().startsWith(".unfinished-")).count();
    }
  }
}
