package io.clipper.node.client;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** A node that answers each path with what it was told to, and remembers what it was asked. */
public final class FakeNode implements AutoCloseable {
  private final HttpServer server;
  private final Map<String, Reply> replies = new ConcurrentHashMap<>();
  private final Map<String, CountDownLatch> held = new ConcurrentHashMap<>();
  private final List<Asked> asked = new CopyOnWriteArrayList<>();
  /** One that is held keeps no other. */
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

  private record Reply(int status, String body) {}

  /** One request as it arrived; the target has path and query string. */
  public record Asked(String target, String body, Optional<String> contentType, Optional<String> authorization) {}

  public FakeNode() {
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    } catch (IOException noPort) {
      throw new UncheckedIOException(noPort);
    }
    server.setExecutor(threads);
    server.createContext("/", this::answer);
    server.start();
  }

  public FakeNode answers(String path, String body) {
    return answers(path, 200, body);
  }

  public FakeNode answers(String path, int status, String body) {
    replies.put(path, new Reply(status, body));
    return this;
  }

  /** From now on nothing is answered on that path, until the latch is open. */
  public FakeNode holds(String path, CountDownLatch until) {
    held.put(path, until);
    return this;
  }

  public URI address() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
  }

  public NodeClient client() {
    return new NodeClient(new NodeAddress(address(), address(), Optional.empty()));
  }

  public List<Asked> asked() {
    return List.copyOf(asked);
  }

  public List<String> targets() {
    return asked.stream().map(Asked::target).toList();
  }

  private void answer(HttpExchange exchange) throws IOException {
    String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
    asked.add(
        new Asked(
            exchange.getRequestURI().toString(),
            body,
            Optional.ofNullable(exchange.getRequestHeaders().getFirst("Content-Type")),
            Optional.ofNullable(exchange.getRequestHeaders().getFirst("Authorization"))));
    await(exchange.getRequestURI().getPath());
    Reply reply =
        replies.getOrDefault(exchange.getRequestURI().getPath(), new Reply(404, "{\"error\":\"Not found\",\"cause\":\"no such path\"}"));
    byte[] bytes = reply.body().getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", "application/json");
    exchange.sendResponseHeaders(reply.status(), bytes.length == 0 ? -1 : bytes.length);
    try (OutputStream out = exchange.getResponseBody()) {
      out.write(bytes);
    }
  }

  private void await(String path) throws InterruptedIOException {
    CountDownLatch until = held.get(path);
    if (until != null) {
      try {
        until.await();
      } catch (InterruptedException interrupted) {
        Thread.currentThread().interrupt();
        throw new InterruptedIOException(path);
      }
    }
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
