package io.clipper.model.runtime.oip;

import io.clipper.model.runtime.oip.protocol.ModelInferRequest;
import io.grpc.Status;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;

/**
 * Connections to the socket beside a worker's own. Whoever asks writes by himself, and a thread of each connection reads: between the model and
 * whoever waits for it no other thread is woken.
 */
final class InferFrames extends Lanes {
  /** What a socket takes without its other end, which reads when its model is free. */
  private static final int BYTES_TAKEN_AT_ONCE = 1 << 16;

  private static final Executor WRITERS =
      Executors.newCachedThreadPool(Thread.ofPlatform().daemon().name("clipper-worker-requests-", 0).factory());

  private final UnixDomainSocketAddress socket;
  private final Set<Connection> connections = ConcurrentHashMap.newKeySet();
  private volatile boolean closed;

  InferFrames(Path socket) {
    this.socket = UnixDomainSocketAddress.of(socket);
  }

  @Override
  Optional<Lane> open() {
    Optional<SocketChannel> connected;
    try {
      connected = connected();
    } catch (IOException gone) {
      return Optional.empty(); // a call tells why
    }
    return connected.map(channel -> start(new Connection(new Frames(channel))));
  }

  /** At once or not: where more wait than the other end lets wait, as one that stands still, it would take until that goes on. */
  private Optional<SocketChannel> connected() throws IOException {
    SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
    try {
      channel.configureBlocking(false);
      if (channel.connect(socket)) {
        channel.configureBlocking(true);
        return Optional.of(channel);
      }
    } catch (IOException refused) {
      channel.close();
      throw refused;
    }
    channel.close();
    return Optional.empty();
  }

  private Connection start(Connection connection) {
    connections.add(connection);
    Thread.ofPlatform().daemon().name("clipper-worker-answers").start(connection::read);
    if (closed) {
      connection.hangUp();
    }
    return connection;
  }

  @Override
  public void close() {
    closed = true;
    connections.forEach(Connection::hangUp);
  }

  private final class Connection extends Lane {
    private final Frames frames;

    private Connection(Frames frames) {
      this.frames = frames;
    }

    @Override
    void send(ModelInferRequest request, Duration budget) {
      ByteBuffer frame = Frames.request(request, budget);
      if (frame.remaining() <= BYTES_TAKEN_AT_ONCE) {
        write(frame);
      } else {
        WRITERS.execute(() -> write(frame));
      }
    }

    private void write(ByteBuffer frame) {
      boolean written = false;
      try {
        frames.write(frame);
        written = true;
      } catch (IOException gone) {
        // Its reader hears of it.
      } finally {
        if (!written) {
          hangUp();
        }
      }
    }

    @Override
    void hangUp() {
      frames.close();
    }

    private void read() {
      Status end = Status.CANCELLED.withDescription("the server has ended the connection");
      try {
        while (true) {
          Frames.Answer answer = frames.readAnswer();
          if (answer.status().isOk()) {
            answered(answer.response());
          } else {
            refused(answer.status());
          }
        }
      } catch (Frames.TooLargeException large) {
        end = Status.RESOURCE_EXHAUSTED.withDescription(large.getMessage());
      } catch (IOException gone) {
        end = end.withCause(gone);
      } finally {
        connections.remove(this);
        over(end);
        frames.close();
      }
    }
  }
}
