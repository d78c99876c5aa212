package io.clipper.model.runtime.oip;

import io.clipper.model.ModelId;
import io.clipper.model.runtime.ModelRuntime;
import io.grpc.Server;
import io.grpc.netty.shaded.io.netty.channel.unix.DomainSocketAddress;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

/** A server of one model. */
public final class OipServer implements AutoCloseable {
  private final Server server;
  private final OipService service;
  /** Beside a socket of the file system. */
  private final Optional<FrameServer> frames;

  private OipServer(Server server, OipService service, Optional<FrameServer> frames) {
    this.server = server;
    this.service = service;
    this.frames = frames;
  }

  /**
   * Answers from now on; a port of 0 is any free one. The runtime stays the caller's.
   *
   * @param stuckTimeout after which a model that returns none of its batches is not ready
   */
  public static OipServer start(String target, ModelId id, ModelRuntime runtime, Duration stuckTimeout) throws IOException {
    List<String> extensions = new CopyOnWriteArrayList<>(List.of(InferStreams.EXTENSION));
    OipService service = new OipService(id, runtime, new Standstill(System::nanoTime), stuckTimeout, extensions);
    Server server = Transport.server(target).addService(service).build().start();
    Optional<Path> socket = Frames.beside(target);
    try {
      // After the server, which has the path to itself then.
      Optional<FrameServer> frames = socket.isPresent() ? Optional.of(FrameServer.start(socket.get(), service::answered)) : Optional.empty();
      frames.ifPresent(there -> extensions.add(Frames.EXTENSION));
      return new OipServer(server, service, frames);
    } catch (IOException | RuntimeException failed) {
      server.shutdownNow();
      throw failed;
    }
  }

  /** Where it is to be reached. */
  public String target() {
    SocketAddress address = server.getListenSockets().getFirst();
    return switch (address) {
      case DomainSocketAddress socket -> "unix:" + socket.path();
      case InetSocketAddress tcp -> "%s:%d".formatted(tcp.getAddress().getHostAddress(), tcp.getPort());
      default -> throw new AssertionError(address);
    };
  }

  /** Takes nothing new, and blocks until what runs has been answered; false where that takes longer. */
  public boolean drain(Duration atMost) throws InterruptedException {
    long giveUpAt = System.nanoTime() + atMost.toNanos();
    server.shutdown();
    service.endStreams();
    frames.ifPresent(FrameServer::end);
    return server.awaitTermination(atMost.toNanos(), TimeUnit.NANOSECONDS)
        && (frames.isEmpty() || frames.get().awaitEnd(Duration.ofNanos(giveUpAt - System.nanoTime())));
  }

  /** What still runs is not answered. */
  @Override
  public void close() {
    server.shutdownNow();
    frames.ifPresent(FrameServer::close);
  }
}
