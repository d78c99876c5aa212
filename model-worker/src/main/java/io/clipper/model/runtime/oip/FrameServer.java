package io.clipper.model.runtime.oip;

import io.clipper.model.runtime.oip.protocol.ModelInferRequest;
import io.clipper.model.runtime.oip.protocol.ModelInferResponse;
import io.grpc.Status;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The socket beside a server's own, by which whoever is on this host asks for less than a call costs. A thread of each connection reads. */
final class FrameServer implements AutoCloseable {
  private static final int BACKLOG = 128;

  /** Fails with the status of a refusal. */
  @FunctionalInterface
  interface Answering {
    CompletionStage<ModelInferResponse> answered(ModelInferRequest request, Duration budget);
  }

  private final ServerSocketChannel listener;
  private final Path socket;
  private final Answering answering;
  private final Set<Connection> connections = ConcurrentHashMap.newKeySet();
  private final CountDownLatch over = new CountDownLatch(1);
  private volatile boolean ending;

  private FrameServer(ServerSocketChannel listener, Path socket, Answering answering) {
    this.listener = listener;
    this.socket = socket;
    this.answering = answering;
  }

  static FrameServer start(Path socket, Answering answering) throws IOException {
    if (Files.exists(socket) && Files.readAttributes(socket, BasicFileAttributes.class).isOther()) {
      Files.delete(socket); // of a worker that was there before
    }
    ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    listener.bind(UnixDomainSocketAddress.of(socket), BACKLOG);
    FrameServer server = new FrameServer(listener, socket, answering);
    Thread.ofPlatform().daemon().name("clipper-frames-listener").start(server::accept);
    return server;
  }

  private void accept() {
    try {
      while (true) {
        Connection connection = new Connection(new Frames(listener.accept()));
        connections.add(connection);
        Thread.ofPlatform().daemon().name("clipper-frames").start(connection::read);
        if (ending) {
          connection.end();
        }
      }
    } catch (IOException closed) {
      end(); // whoever connects then is refused, and asks by a call
    }
  }

  /** Takes nothing new; what is being answered is answered still. */
  synchronized void end() {
    ending = true;
    try {
      if (listener.isOpen()) {
        listener.close();
        Files.deleteIfExists(socket);
      }
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
    connections.forEach(Connection::end);
    countDownIfOver();
  }

  /** Whether all is answered within that time, after {@link #end}. */
  boolean awaitEnd(Duration atMost) throws InterruptedException {
    return over.await(atMost.toNanos(), TimeUnit.NANOSECONDS);
  }

  /** What is being answered is not. */
  @Override
  public void close() {
    connections.forEach(Connection::close);
    end();
    connections.forEach(Connection::close); // of those that came meanwhile
  }

  private void countDownIfOver() {
    if (ending && connections.isEmpty()) {
      over.countDown();
    }
  }

  private final class Connection {
    private final Frames frames;
    /** The next request may come before it is known here that the answer to the one before has gone. */
    private int answers;

    private boolean ends;

    private Connection(Frames frames) {
      this.frames = frames;
    }

    private void read() {
      try {
        while (true) {
          Frames.Asked asked = frames.readRequest();
          if (!begins()) {
            return; // sent before its sender knew
          }
          if (asked.budget().isPositive()) {
            answering.answered(asked.request(), asked.budget()).whenComplete(this::tell);
          } else {
            tell(Frames.refusal(Status.DEADLINE_EXCEEDED.withDescription("the deadline passed before the model was called")));
          }
        }
      } catch (Frames.TooLargeException large) {
        if (begins()) {
          tell(Frames.refusal(Status.RESOURCE_EXHAUSTED.withDescription(large.getMessage())));
        }
      } catch (IOException gone) {
        // Whoever asked wants no answer any more, or this end is over.
      } finally {
        close();
        connections.remove(this);
        countDownIfOver();
      }
    }

    private synchronized boolean begins() {
      if (ends && answers == 0) {
        return false;
      }
      answers++;
      return true;
    }

    private void tell(ModelInferResponse response, @Nullable Throwable failure) {
      tell(failure == null ? Frames.answer(response) : Frames.refusal(Status.fromThrowable(failure)));
    }

    /** Writes in no lock: whoever is being answered may stand still. */
    private void tell(ByteBuffer frame) {
      try {
        frames.write(frame);
      } catch (IOException gone) {
        close(); // of which its reader hears
      }
      answered();
    }

    private synchronized void answered() {
      answers--;
      closeIfOver();
    }

    synchronized void end() {
      ends = true;
      closeIfOver();
    }

    private void closeIfOver() {
      if (ends && answers == 0) {
        close();
      }
    }

    void close() {
      frames.close();
    }
  }
}
