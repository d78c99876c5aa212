package io.clipper.load;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.HdrHistogram.Histogram;

/**
 * HTTP/1.1 load from one thread over connections that stay open. Percentiles are of requests sent after the warm-up, when every
 * connection has been accepted: what waits for the acceptor is not the server's latency. With a rate the load is open: a request is due
 * at its time whether or not the one before it was answered, and its latency counts from then.
 */
public final class HttpLoad {
  /** Below this much to wait the thread polls, since a selector sleeps whole milliseconds. */
  private static final long POLL_NANOS = 1_500_000;
  /** A pause that no latency here shows. */
  private static final Duration SHORT = Duration.ofNanos(20_000);

  /** Longer than any objective here; what has no answer by then is lost. */
  private static final Duration PATIENCE = Duration.ofSeconds(15);

  private static final byte[] NO_ROOM = "\"default_explanation\":\"No room".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] GAVE_WAY = Answered.GAVE_WAY.getBytes(StandardCharsets.US_ASCII);

  private static final int UNTOLD = -1;
  private static final String IN_PIECES = "transfer-encoding: chunked";
  private static final byte[] LAST_PIECE = "\r\n0\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

  /** A default says why it is one. */
  private static final byte[] DEFAULTED = "\"default\":true,\"default_explanation\":\"".getBytes(StandardCharsets.US_ASCII);

  /**
   * What one run saw.
   *
   * @param latencies of answered requests, in µs
   * @param answered the same, by what was answered
   * @param defaults answers that were an application's default, with its reason
   * @param failures answers with another status than 200
   * @param expected answers that have in them what was to be
   * @param unanswered requests that were given up {@link #PATIENCE} after the last was sent
   */
  public record Result(
      long requests, Duration time, Histogram latencies, Answered answered, long defaults, long failures, long expected, long unanswered) {
    public double perSecond() {
      return requests * 1e9 / time.toNanos();
    }

    public double millis(double percentile) {
      return latencies.getValueAtPercentile(percentile) / 1000.0;
    }

    @Override
    public String toString() {
      return "%,9.0f req/s  p50 %7.3f  p99 %7.3f  p99.9 %7.3f  max %7.3f ms  defaults %.2f %%  failures %d"
          .formatted(
              perSecond(), millis(50), millis(99), millis(99.9), latencies.getMaxValue() / 1000.0, requests == 0 ? 0 : 100.0 * defaults / requests, failures);
    }
  }

  private final InetSocketAddress address;
  private final Supplier<byte[]> requests;
  private final byte[] expected;
  private final long pauseNanos;

  /** @param requests whole requests, head and body, one for each call */
  public HttpLoad(InetSocketAddress address, Supplier<byte[]> requests) {
    this(address, requests, "");
  }

  /** @param expected what is counted in the answers */
  public HttpLoad(InetSocketAddress address, Supplier<byte[]> requests, String expected) {
    this(address, requests, expected, SHORT);
  }

  /** @param pause between looks at what is due and what was answered: latencies are true to that much, and a longer one leaves more to the server */
  HttpLoad(InetSocketAddress address, Supplier<byte[]> requests, String expected, Duration pause) {
    this.pauseNanos = pause.toNanos();
    this.address = address;
    this.requests = requests;
    this.expected = expected.getBytes(StandardCharsets.UTF_8);
  }

  /** A request that posts JSON. */
  public static byte[] post(String path, String json) {
    return post(path, json.getBytes(StandardCharsets.UTF_8));
  }

  static byte[] post(String path, byte[] body) {
    String head = "POST %s HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n".formatted(path, body.length);
    byte[] start = head.getBytes(StandardCharsets.US_ASCII);
    byte[] whole = new byte[start.length + body.length];
    System.arraycopy(start, 0, whole, 0, start.length);
    System.arraycopy(body, 0, whole, start.length, body.length);
    return whole;
  }

  /** Every connection asks again as soon as it is answered. */
  public Result closed(int connections, Duration warmUp, Duration measured) throws IOException {
    return run(connections, 0, warmUp, measured, 1).getFirst();
  }

  /** So many requests a second, evenly, over as many of the connections as it takes. */
  public Result open(int connections, double perSecond, Duration warmUp, Duration measured) throws IOException {
    return run(connections, perSecond, warmUp, measured, 1).getFirst();
  }

  /** The same, each stretch by itself. */
  List<Result> open(int connections, double perSecond, Duration warmUp, Duration stretch, int stretches) throws IOException {
    return run(connections, perSecond, warmUp, stretch, stretches);
  }

  private List<Result> run(int connections, double perSecond, Duration warmUp, Duration stretch, int stretches) throws IOException {
    try (Selector selector = Selector.open()) {
      List<Connection> all = new ArrayList<>();
      Deque<Connection> idle = new ArrayDeque<>();
      for (int i = 0; i < connections; i++) {
        Connection connection = new Connection(selector);
        all.add(connection);
        idle.add(connection);
      }
      long start = System.nanoTime();
      long from = start + warmUp.toNanos();
      List<Tally> tallies = new ArrayList<>();
      for (int i = 0; i < stretches; i++) {
        tallies.add(new Tally(from + i * stretch.toNanos(), stretch));
      }
      long end = from + stretches * stretch.toNanos();
      double gap = perSecond > 0 ? 1e9 / perSecond : 0;
      double due = start;
      for (long now = start; now < end; now = System.nanoTime()) {
        while (!idle.isEmpty() && (gap == 0 || due <= now)) {
          idle.poll().send(gap == 0 ? now : (long) due);
          due += gap;
        }
        long wait = (gap == 0 || idle.isEmpty() ? end : Math.min(end, (long) due)) - now;
        if (wait > POLL_NANOS) {
          selector.select(wait / 1_000_000);
        } else {
          // Not spinning: whom it asks has the same cores.
          LockSupport.parkNanos(pauseNanos);
          selector.selectNow();
        }
        receive(selector, tallies, idle);
      }
      long patience = end + PATIENCE.toNanos();
      while (idle.size() < connections && System.nanoTime() < patience) {
        selector.select(1);
        receive(selector, tallies, idle);
      }
      for (Connection connection : all) {
        connection.channel.close();
      }
      int unanswered = connections - idle.size();
      return tallies.stream().map(tally -> tally.result(unanswered)).toList();
    }
  }

  private static void receive(Selector selector, List<Tally> tallies, Deque<Connection> idle) throws IOException {
    for (SelectionKey key : selector.selectedKeys()) {
      Connection connection = (Connection) key.attachment();
      if (connection.receive(tallies)) {
        idle.add(connection);
      }
    }
    selector.selectedKeys().clear();
  }

  private static final class Tally {
    private final long from;
    private final Answered answered;
    private final Histogram latencies = new Histogram(3);
    private long requests;
    private long defaults;
    private long failures;
    private long expected;

    private Tally(long from, Duration time) {
      this.from = from;
      this.answered = Answered.within(time);
    }

    private boolean holds(long sentAt) {
      return sentAt >= from && sentAt - from < answered.time().toNanos();
    }

    private Result result(long unanswered) {
      return new Result(requests, answered.time(), latencies, answered, defaults, failures, expected, unanswered);
    }
  }

  private final class Connection {
    private final SocketChannel channel;
    /** Small at first, so that the collector of the load's own process has little to copy. */
    private byte[] bytes = new byte[4 << 10];

    private ByteBuffer incoming = ByteBuffer.wrap(bytes);
    private long sentAt;

    Connection(Selector selector) throws IOException {
      channel = SocketChannel.open(address);
      channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
      channel.configureBlocking(false);
      channel.register(selector, SelectionKey.OP_READ, this);
    }

    void send(long at) throws IOException {
      sentAt = at;
      ByteBuffer request = ByteBuffer.wrap(requests.get());
      while (request.hasRemaining()) {
        channel.write(request);
      }
    }

    /** True once the whole answer is there. */
    boolean receive(List<Tally> tallies) throws IOException {
      if (channel.read(incoming) < 0) {
        throw new IOException("the server closed a connection");
      }
      if (!incoming.hasRemaining()) {
        grow();
      }
      int bodyAt = indexOf(incoming, "\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      if (bodyAt < 0) {
        return false;
      }
      String head = new String(bytes, 0, bodyAt, StandardCharsets.US_ASCII);
      if (!isWhole(head, bodyAt + 4)) {
        return false;
      }
      for (Tally tally : tallies) {
        if (tally.holds(sentAt)) {
          count(tally, head);
        }
      }
      incoming.clear();
      return true;
    }

    /** Nothing follows an answer until the next question: what ends like the last piece is the last. */
    private boolean isWhole(String head, int bodyAt) throws IOException {
      int length = contentLength(head);
      return length == UNTOLD ? indexOf(incoming, LAST_PIECE) == incoming.position() - LAST_PIECE.length : incoming.position() >= bodyAt + length;
    }

    private void grow() {
      bytes = Arrays.copyOf(bytes, 2 * bytes.length);
      incoming = ByteBuffer.wrap(bytes).position(incoming.position());
    }

    private void count(Tally tally, String head) {
      long tookMicros = (System.nanoTime() - sentAt) / 1000;
      boolean defaulted = indexOf(incoming, DEFAULTED) >= 0;
      tally.requests++;
      tally.latencies.recordValue(tookMicros);
      tally.failures += head.startsWith("HTTP/1.1 200") ? 0 : 1;
      tally.expected += indexOf(incoming, expected) >= 0 ? 1 : 0;
      tally.defaults += defaulted ? 1 : 0;
      Answered answered = tally.answered;
      boolean refused = defaulted && indexOf(incoming, NO_ROOM) >= 0 && indexOf(incoming, GAVE_WAY) < 0;
      Histogram kind = !defaulted ? answered.right() : refused ? answered.refused() : answered.late();
      kind.recordValue(tookMicros);
    }
  }

  private static int contentLength(String head) throws IOException {
    String names = head.toLowerCase(Locale.ROOT);
    int at = names.indexOf("content-length:");
    if (at < 0 && names.contains(IN_PIECES)) {
      return UNTOLD;
    }
    if (at < 0) {
      throw new IOException("an answer without Content-Length: " + head);
    }
    int end = head.indexOf('\r', at);
    return Integer.parseInt(head.substring(at + "content-length:".length(), end < 0 ? head.length() : end).strip());
  }

  private static int indexOf(ByteBuffer buffer, byte[] wanted) {
    for (int at = 0; at <= buffer.position() - wanted.length; at++) {
      int i = 0;
      while (i < wanted.length && buffer.get(at + i) == wanted[i]) {
        i++;
      }
      if (i == wanted.length) {
        return at;
      }
    }
    return -1;
  }
}
