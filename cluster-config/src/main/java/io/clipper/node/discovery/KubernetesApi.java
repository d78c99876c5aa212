package io.clipper.node.discovery;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.clipper.Refused;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.Map;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/**
 * The API server that a pod's service account may ask.
 *
 * @param account the folder of {@code token}, {@code ca.crt} and {@code namespace}
 */
record KubernetesApi(URI server, Path account) {
  private static final Path MOUNTED = Path.of("/var/run/secrets/kubernetes.io/serviceaccount");
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final int OK = 200;

  /** By what every pod is given. */
  static KubernetesApi ofThisPod() {
    return of(System.getenv(), MOUNTED);
  }

  static KubernetesApi of(Map<String, String> environment, Path account) {
    String host = environment.get("KUBERNETES_SERVICE_HOST");
    if (host == null || !Files.exists(account)) {
      throw new Refused(Refused.Reason.INVALID, "--discovery kubernetes: this is no pod, or one without a service account: see docs/cluster.md");
    }
    String port = environment.getOrDefault("KUBERNETES_SERVICE_PORT", "443");
    return new KubernetesApi(URI.create("https://%s:%s".formatted(host.contains(":") ? "[%s]".formatted(host) : host, port)), account);
  }

  /** The list of pods in this namespace, as the server tells it. */
  JsonNode pods(String labels) throws IOException {
    // The token is read each time: Kubernetes renews it.
    HttpRequest request =
        HttpRequest.newBuilder(
                server.resolve("/api/v1/namespaces/%s/pods?labelSelector=%s".formatted(text("namespace"), URLEncoder.encode(labels, StandardCharsets.UTF_8))))
            .header("Authorization", "Bearer " + text("token"))
            .header("Accept", "application/json")
            .timeout(PATIENCE)
            .build();
    try (HttpClient client = HttpClient.newBuilder().sslContext(trusted()).connectTimeout(PATIENCE).build()) {
      HttpResponse<byte[]> response = client.send(request, HttpResponse.BodyHandlers.ofByteArray());
      if (response.statusCode() != OK) {
        throw new IOException("it answers %d: may the service account list pods?".formatted(response.statusCode()));
      }
      return new ObjectMapper().readTree(response.body());
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", interrupted);
    }
  }

  private String text(String name) throws IOException {
    return Files.readString(account.resolve(name)).strip();
  }

  private SSLContext trusted() throws IOException {
    try (InputStream pem = Files.newInputStream(account.resolve("ca.crt"))) {
      KeyStore authorities = KeyStore.getInstance(KeyStore.getDefaultType());
      authorities.load(null, null);
      int number = 0;
      for (Certificate authority : CertificateFactory.getInstance("X.509").generateCertificates(pem)) {
        authorities.setCertificateEntry("ca-" + number, authority);
        number++;
      }
      TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      trust.init(authorities);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, trust.getTrustManagers(), null);
      return context;
    } catch (GeneralSecurityException damaged) {
      throw new IOException("its ca.crt cannot be used: " + damaged.getMessage(), damaged);
    }
  }
}
