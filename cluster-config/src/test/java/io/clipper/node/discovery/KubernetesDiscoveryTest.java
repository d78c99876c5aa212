package io.clipper.node.discovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.clipper.Refused;
import io.clipper.node.tls.TestAuthority;
import io.clipper.node.tls.TestTls;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Against a server that asks for the token, over TLS, and answers as the API does. */
class KubernetesDiscoveryTest {
  private static final String PODS =
      """
      {"kind":"PodList","items":[
        {"metadata":{"name":"c-2"},"status":{"phase":"Running","podIP":"10.1.0.9"}},
        {"metadata":{"name":"c-0"},"status":{"phase":"Running","podIP":"10.1.0.7"}},
        {"metadata":{"name":"self"},"status":{"phase":"Running","podIP":"10.1.0.8"}},
        {"metadata":{"name":"six"},"status":{"phase":"Running","podIP":"fd00::7"}},
        {"metadata":{"name":"going","deletionTimestamp":"2026-01-01T00:00:00Z"},"status":{"phase":"Running","podIP":"10.1.0.5"}},
        {"metadata":{"name":"coming"},"status":{"phase":"Pending"}},
        {"metadata":{"name":"gone"},"status":{"phase":"Failed","podIP":"10.1.0.4"}}]}
      """;

  @TempDir private Path account;
  @TempDir private Path other;
  private HttpsServer server;

  KubernetesDiscoveryTest() throws IOException {
    server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
  }

  @BeforeEach
  void start() throws Exception {
    TestAuthority.in(account).certify(List.of("127.0.0.1"), 30, account);
    Files.copy(account.resolve("ca.pem"), account.resolve("ca.crt"));
    Files.writeString(account.resolve("token"), "secret\n");
    Files.writeString(account.resolve("namespace"), "shop");
    server.setHttpsConfigurator(new HttpsConfigurator(TestTls.serving(account)));
    server.createContext("/", KubernetesDiscoveryTest::answer);
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  @Test
  void thePodsThatRunAreNodesButThisOne() {
    assertThat(discovery("app=clipper,state=yes").nodes("10.1.0.8")).containsExactly("10.1.0.7:25520", "10.1.0.9:25520", "[fd00::7]:25520");
  }

  @Test
  void aServerThatRefusesIsToldOf() throws IOException {
    Files.writeString(account.resolve("token"), "wrong");

    assertThat(catchThrowableOfType(Refused.class, () -> discovery("app=clipper,state=yes").nodes("none")))
        .hasMessageContaining("401")
        .hasMessageContaining("service account");
  }

  @Test
  void aServerOfAnotherAuthorityIsNotGivenTheToken() throws IOException {
    TestAuthority.in(other).certify(List.of("127.0.0.1"), 30, other);
    Files.writeString(account.resolve("ca.crt"), Files.readString(other.resolve("ca.pem")));

    assertThat(catchThrowableOfType(Refused.class, () -> discovery("app=clipper,state=yes").nodes("none"))).hasMessageContaining("Kubernetes API");
  }

  private KubernetesDiscovery discovery(String labels) {
    KubernetesApi api = new KubernetesApi(URI.create("https://127.0.0.1:" + server.getAddress().getPort()), account);
    return new KubernetesDiscovery(labels, Discovery.USUAL_PORT, () -> api);
  }

  private static void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      boolean trusted = "Bearer secret".equals(exchange.getRequestHeaders().getFirst("Authorization"));
      boolean known = exchange.getRequestURI().toString().equals("/api/v1/namespaces/shop/pods?labelSelector=app%3Dclipper%2Cstate%3Dyes");
      byte[] body = PODS.getBytes(StandardCharsets.UTF_8);
      exchange.sendResponseHeaders(trusted ? known ? 200 : 404 : 401, body.length);
      exchange.getResponseBody().write(body);
    }
  }
}
