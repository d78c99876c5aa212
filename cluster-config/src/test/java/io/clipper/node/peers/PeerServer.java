package io.clipper.node.peers;

import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A server of others that serves a model called {@code doubled}, which answers four numbers by twice as much. */
final class PeerServer implements AutoCloseable {
  private static final Path PYTHON = Path.of("src", "test", "python").toAbsolutePath();
  private static final int LOOKS = 600;

  /** How one is started on two ports of its own, for HTTP and for gRPC. */
  private interface Starting {
    Program on(String http, String grpc);
  }

  private final Starting starting;
  private final Path folder;
  private final String http;
  private final String grpc;
  private Process process;

  private PeerServer(Path folder, Starting starting) throws IOException, InterruptedException {
    List<String> ports = freePorts();
    this.starting = starting;
    this.folder = folder;
    this.http = ports.get(0);
    this.grpc = ports.get(1);
    this.process = started();
  }

  /** Of that name; blocks until it is ready. */
  static PeerServer of(String name, Path folder) throws IOException, InterruptedException {
    return switch (name) {
      case "mlserver" -> mlServer(folder);
      case "kserve" -> kServe(folder);
      default -> throw new IllegalArgumentException(name);
    };
  }

  static PeerServer mlServer(Path folder) throws IOException, InterruptedException {
    Path model = PYTHON.resolve("mlserver");
    Program program = PythonEnvironment.of(model.resolve("requirements.txt")).program("mlserver").with("start", model.toString());
    // Its metrics have a port too, which nobody asks.
    return new PeerServer(
        folder,
        (http, grpc) -> program.in("MLSERVER_HTTP_PORT", http).in("MLSERVER_GRPC_PORT", grpc).in("MLSERVER_METRICS_ENDPOINT", ""));
  }

  /** Serves {@code untyped} as well: the same model, of whose tensors nothing is said. */
  static PeerServer kServe(Path folder) throws IOException, InterruptedException {
    Path model = PYTHON.resolve("kserve");
    Program program =
        PythonEnvironment.of(model.resolve("requirements.txt")).program("python").with("-B", model.resolve("server.py").toString());
    return new PeerServer(folder, (http, grpc) -> program.with("--http_port", http, "--grpc_port", grpc));
  }

  String http() {
    return "127.0.0.1:" + http;
  }

  String grpc() {
    return "127.0.0.1:" + grpc;
  }

  /** On the same ports, after it was ended. */
  void startAgain() throws IOException, InterruptedException {
    process = started();
  }

  void end() {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly().onExit().join();
  }

  @Override
  public void close() {
    end();
  }

  private Process started() throws IOException, InterruptedException {
    Path log = Files.createTempFile(folder, "server", ".txt");
    Process begun = starting.on(http, grpc).start(folder, log);
    URI ready = URI.create("http://%s/v2/models/doubled/ready".formatted(http()));
    try (HttpClient client = HttpClient.newHttpClient()) {
      for (int look = 0; look < LOOKS; look++) {
        if (!begun.isAlive()) {
          throw new AssertionError("the server has ended:\n" + Files.readString(log));
        }
        if (isOk(client, ready)) {
          return begun;
        }
        // It says nowhere else that it is ready.
        begun.waitFor(100, TimeUnit.MILLISECONDS);
      }
    }
    begun.destroyForcibly();
    throw new AssertionError("the server is not ready:\n" + Files.readString(log));
  }

  private static boolean isOk(HttpClient client, URI uri) throws InterruptedException {
    try {
      return client.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.discarding()).statusCode() == 200;
    } catch (IOException notYet) {
      return false;
    }
  }

  private static List<String> freePorts() throws IOException {
    try (ServerSocket one = new ServerSocket(0);
        ServerSocket other = new ServerSocket(0)) {
      return Stream.of(one, other).map(socket -> Integer.toString(socket.getLocalPort())).toList();
    }
  }
}
