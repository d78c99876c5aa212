package io.clipper.storage;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Stands between a node and its PostgreSQL. Connections that it swallows stay open, and nothing comes over them any more, not even their end. */
public final class SwallowingProxy implements AutoCloseable {
  private static final class Line {
    private final Socket client;
    private final Socket server;
    private volatile boolean swallowed;

    private Line(Socket client, Socket server) {
      this.client = client;
      this.server = server;
    }
  }

  private final URI database;
  private final ServerSocket door;
  private final List<Line> lines = new CopyOnWriteArrayList<>();

  /** @param url of the database */
  public SwallowingProxy(String url) throws IOException {
    database = URI.create(url.substring("jdbc:".length()));
    door = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    Thread.ofVirtual().start(this::accept);
  }

  /** The same database, by this way. */
  public String url() {
    return "jdbc:postgresql://%s:%d%s?%s".formatted(door.getInetAddress().getHostAddress(), door.getLocalPort(), database.getPath(), database.getQuery());
  }

  /** What is connected now; new connections go through. */
  public void swallow() {
    lines.forEach(line -> line.swallowed = true);
  }

  @Override
  public void close() throws IOException {
    door.close();
    for (Line line : lines) {
      line.client.close();
      line.server.close();
    }
  }

  private void accept() {
    while (!door.isClosed()) {
      try {
        Line line = new Line(door.accept(), new Socket(database.getHost(), database.getPort()));
        lines.add(line);
        Thread.ofVirtual().start(() -> pump(line, line.client, line.server));
        Thread.ofVirtual().start(() -> pump(line, line.server, line.client));
      } catch (IOException ended) {
        if (!door.isClosed()) {
          throw new UncheckedIOException(ended);
        }
      }
    }
  }

  private static void pump(Line line, Socket from, Socket to) {
    byte[] bytes = new byte[8192];
    try {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      for (int read = in.read(bytes); read >= 0; read = in.read(bytes)) {
        if (!line.swallowed) {
          out.write(bytes, 0, read);
        }
      }
      if (!line.swallowed) {
        to.close();
      }
    } catch (IOException ended) {
      // One side is gone; the other is told by the next that is read from it.
      return;
    }
  }
}
