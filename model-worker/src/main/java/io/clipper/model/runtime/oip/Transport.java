package io.clipper.model.runtime.oip;

import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.epoll.Epoll;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollDomainSocketChannel;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.grpc.netty.shaded.io.netty.channel.unix.DomainSocketAddress;
import io.grpc.netty.shaded.io.netty.util.concurrent.DefaultThreadFactory;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;

/** Channels and servers at a target: {@code unix:PATH}, or {@code HOST:PORT}. */
public final class Transport {
  /** As large as an input may be anywhere, with room for what is around it, on either side. */
  public static final int MAX_MESSAGE_BYTES = 64 << 20;

  private static final String UNIX = "unix:";
  /** A batch of the largest inputs goes out without waiting for the other side's leave. */
  private static final int FLOW_WINDOW_BYTES = 8 << 20;
  /** What a socket's path may be long, its closing zero left out. */
  private static final int LONGEST_PATH_BYTES = 107;

  private Transport() {}

  /** Whether sockets of the file system can be used here; elsewhere TCP does. */
  public static boolean hasUnixSockets() {
    return Epoll.isAvailable();
  }

  /** The socket of the file system that this is, with something at its end; none for another target, or a path that is too long then. */
  static Optional<Path> besides(String target, String suffix) {
    return Optional.of(target).filter(Transport::isPath).map(path -> path(path) + suffix).filter(Transport::fits).map(Path::of);
  }

  private static boolean isPath(String target) {
    return target.startsWith(UNIX);
  }

  private static String path(String target) {
    return target.substring(UNIX.length());
  }

  private static boolean fits(String path) {
    return path.getBytes(StandardCharsets.UTF_8).length <= LONGEST_PATH_BYTES;
  }

  /** One HTTP/2 connection, made on first use; plain text: a worker's target is on this host, an endpoint's owner says how far it goes. */
  static ManagedChannel channel(String target) {
    SocketAddress address = address(target);
    NettyChannelBuilder channel = NettyChannelBuilder.forAddress(address);
    if (address instanceof DomainSocketAddress) {
      channel.channelType(EpollDomainSocketChannel.class, DomainSocketAddress.class).eventLoopGroup(Loops.GROUP).overrideAuthority("localhost");
    }
    return channel
        .usePlaintext()
        .directExecutor()
        .disableRetry()
        .maxInboundMessageSize(MAX_MESSAGE_BYTES)
        .flowControlWindow(FLOW_WINDOW_BYTES)
        .build();
  }

  static NettyServerBuilder server(String target) {
    SocketAddress address = address(target);
    NettyServerBuilder server = NettyServerBuilder.forAddress(address);
    if (address instanceof DomainSocketAddress) {
      server.channelType(EpollServerDomainSocketChannel.class).bossEventLoopGroup(Loops.GROUP).workerEventLoopGroup(Loops.GROUP);
    }
    return server.directExecutor().maxInboundMessageSize(MAX_MESSAGE_BYTES).flowControlWindow(FLOW_WINDOW_BYTES);
  }

  /** Throws {@link IllegalArgumentException} for what is no target. */
  private static SocketAddress address(String target) {
    if (isPath(target)) {
      String path = path(target);
      if (!fits(path)) {
        throw new IllegalArgumentException("the socket's path is longer than %d bytes: %s".formatted(LONGEST_PATH_BYTES, path));
      }
      return new DomainSocketAddress(path);
    }
    int colon = target.lastIndexOf(':');
    if (colon < 1) {
      throw new IllegalArgumentException("'%s' is neither unix:PATH nor HOST:PORT".formatted(target));
    }
    try {
      return new InetSocketAddress(target.substring(0, colon), Integer.parseInt(target.substring(colon + 1)));
    } catch (IllegalArgumentException noPort) {
      throw new IllegalArgumentException("'%s' has no port: it should be HOST:PORT".formatted(target), noPort);
    }
  }

  /** The threads of all connections to sockets of the file system; there when the first is made. */
  private static final class Loops {
    private static final int THREADS = 2;

    @SuppressWarnings("deprecation") // its successor is not in every version that grpc carries
    static final EventLoopGroup GROUP = new EpollEventLoopGroup(THREADS, new DefaultThreadFactory("clipper-worker-sockets", true));
  }
}
