package io.clipper.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Models on their way into a node that do not arrive, or that it does not want. */
class UploadTest {
  /** Neither the one nor the other is loaded: what arrives is kept, and waits for a copy to be wanted. */
  private static final String FILE = "/admin/deploy?name=file&input_type=doubles&replicas=0";

  private static final String ARCHIVE = "/admin/deploy?name=archive&entry=m.py&input_type=doubles&replicas=0";
  private static final int LIMIT = 4 << 20;

  @TempDir private static Path folder;
  private static ClipperNode node;

  @BeforeAll
  static void start() throws IOException {
    Path settings = folder.resolve("node.conf");
    // Longer than the 5 s that a stream's reader has by default.
    Files.writeString(settings, "clipper.gateway { max-artifact = %d, body-timeout = 6 s }".formatted(LIMIT));
    node = ClipperNode.start(TestNodes.options(folder.resolve("data"), settings));
  }

  @AfterAll
  static void stop() {
    node.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {FILE, ARCHIVE})
  void whatArrivesIsKept(String path) throws Exception {
    HttpResponse<String> kept = chunked(path, archive(LIMIT / 2));

    assertThat(kept.statusCode()).as(kept.body()).isEqualTo(200);
    assertThat(kept.body()).contains("\"state\":\"stopped\"");
  }

  @ParameterizedTest
  @ValueSource(strings = {FILE, ARCHIVE})
  void whatIsTooLargeIsThatAlsoWhereItsLengthWasNotSaid(String path) throws Exception {
    HttpResponse<String> refused = chunked(path, archive(LIMIT + (1 << 20)));

    assertThat(refused.statusCode()).as(refused.body()).isEqualTo(413);
    assertThat(refused.body()).contains("the body is larger than %d bytes".formatted(LIMIT));
  }

  @Test
  void whatStallsIsTheClientsAndNotTheDisks() throws IOException {
    byte[] archive = archive(1 << 20);
    try (Socket file = sending(FILE, archive.length);
        Socket folder = sending(ARCHIVE, archive.length)) {
      for (Socket socket : new Socket[] {file, folder}) {
        socket.getOutputStream().write(archive, 0, archive.length / 2);
      }
      for (Socket socket : new Socket[] {file, folder}) {
        assertThat(answer(socket)).startsWith("HTTP/1.1 408 ").contains("nothing of the body came for 6 s").doesNotContain("--data");
      }
    }
  }

  @Test
  void whatIsRefusedInItsMidstIsReadToItsEnd() throws IOException {
    byte[] noArchive = new byte[LIMIT - 1];
    Arrays.fill(noArchive, (byte) 'x');
    try (Socket socket = sending(ARCHIVE, noArchive.length)) {
      OutputStream out = socket.getOutputStream();
      out.write(noArchive);
      out.write("GET /health/live HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".getBytes(StandardCharsets.US_ASCII));

      assertThat(answer(socket)).startsWith("HTTP/1.1 400 ").contains("the archive is no ZIP archive", "{\"live\":true}");
    }
  }

  private static Socket sending(String path, int length) throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), node.adminAddress().getPort());
    String head = "POST %s HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n".formatted(path, length);
    socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
    return socket;
  }

  /** All that the node says until it closes the connection. */
  private static String answer(Socket socket) throws IOException {
    return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
  }

  private static HttpResponse<String> chunked(String path, byte[] body) throws IOException, InterruptedException {
    try (HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
      URI uri = URI.create("http://127.0.0.1:%d%s".formatted(node.adminAddress().getPort(), path));
      HttpRequest request = HttpRequest.newBuilder(uri).POST(HttpRequest.BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(body))).build();
      return client.send(request, HttpResponse.BodyHandlers.ofString());
    }
  }

  /** Of one file that cannot be packed any smaller. */
  private static byte[] archive(int bytes) throws IOException {
    byte[] noise = new byte[bytes];
    new Random(bytes).nextBytes(noise);
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(packed)) {
      zip.putNextEntry(new ZipEntry("m.py"));
      zip.write(noise);
      zip.closeEntry();
    }
    return packed.toByteArray();
  }
}
