package io.clipper.model.runtime.oip;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.MessageLite;
import io.clipper.model.runtime.oip.protocol.ModelInferRequest;
import io.clipper.model.runtime.oip.protocol.ModelInferResponse;
import io.grpc.Status;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/**
 * One connection to the socket beside a worker's own, at either end. A request is its length (4 bytes), until when its answer is wanted
 * (8 bytes, microseconds since 1970), and a {@code ModelInferRequest}; an answer is its length (4 bytes), a status of gRPC's (1 byte), and a
 * {@code ModelInferResponse}, or the words of a refusal. All numbers have their highest byte first. It has one request at a time; who closes it
 * wants no answer any more.
 */
final class Frames {
  /** The extension by which a server says that it has such a socket. */
  static final String EXTENSION = "clipper_frames";

  /** What the socket's path has beyond the server's. */
  static final String SUFFIX = ".frames";

  private static final int REQUEST_HEAD = Integer.BYTES + Long.BYTES;
  private static final int ANSWER_HEAD = Integer.BYTES + Byte.BYTES;
  private static final int USUAL_BYTES = 1 << 14;
  /** Bytes, since each thread keeps memory outside the heap for the largest piece that it has had. */
  private static final int MOST_AT_ONCE = 1 << 16;

  /** A batch, and how long whoever sent it waits for the answer. */
  record Asked(ModelInferRequest request, Duration budget) {}

  /** @param response an empty one where the status is not OK */
  record Answer(Status status, ModelInferResponse response) {}

  private final SocketChannel channel;
  private final ByteBuffer usual = ByteBuffer.allocateDirect(USUAL_BYTES);

  Frames(SocketChannel channel) {
    this.channel = channel;
  }

  /** Of a server there, whether it listens on it or not; none beside a port. */
  static Optional<Path> beside(String target) {
    return Transport.besides(target, SUFFIX);
  }

  static ByteBuffer request(ModelInferRequest request, Duration budget) {
    int length = request.getSerializedSize();
    return with(request, ByteBuffer.allocate(REQUEST_HEAD + length).putInt(length).putLong(micros(Instant.now().plus(budget))));
  }

  static ByteBuffer answer(ModelInferResponse response) {
    int length = response.getSerializedSize();
    return with(response, ByteBuffer.allocate(ANSWER_HEAD + length).putInt(length).put((byte) Status.Code.OK.value()));
  }

  static ByteBuffer refusal(Status status) {
    String said = status.getDescription();
    byte[] words = (said == null ? "" : said).getBytes(StandardCharsets.UTF_8);
    return ByteBuffer.allocate(ANSWER_HEAD + words.length).putInt(words.length).put((byte) status.getCode().value()).put(words).flip();
  }

  private static ByteBuffer with(MessageLite message, ByteBuffer frame) {
    try {
      CodedOutputStream body = CodedOutputStream.newInstance(frame);
      message.writeTo(body);
      body.flush();
    } catch (IOException noRoom) {
      throw new UncheckedIOException(noRoom); // it has as much as the message says that it takes
    }
    return frame.flip();
  }

  /** Blocks until all of it is on its way. */
  void write(ByteBuffer frame) throws IOException {
    int end = frame.limit();
    while (frame.position() < end) {
      channel.write(frame.limit(Math.min(end, frame.position() + MOST_AT_ONCE)));
    }
  }

  /** Blocks until there is one. */
  Asked readRequest() throws IOException {
    ByteBuffer frame = read(REQUEST_HEAD);
    Duration budget = Duration.of(frame.getLong() - micros(Instant.now()), ChronoUnit.MICROS);
    return new Asked(ModelInferRequest.parseFrom(frame), budget);
  }

  /** Blocks until there is one. */
  Answer readAnswer() throws IOException {
    ByteBuffer frame = read(ANSWER_HEAD);
    Status status = Status.fromCodeValue(frame.get());
    return status.isOk()
        ? new Answer(status, ModelInferResponse.parseFrom(frame))
        : new Answer(status.withDescription(StandardCharsets.UTF_8.decode(frame).toString()), ModelInferResponse.getDefaultInstance());
  }

  void close() {
    try {
      channel.close();
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }

  /** What follows its length. */
  private ByteBuffer read(int headBytes) throws IOException {
    ByteBuffer frame = usual.clear();
    readTo(headBytes, frame);
    int length = frame.getInt(0);
    if (length < 0 || length > Transport.MAX_MESSAGE_BYTES) {
      throw new TooLargeException(Integer.toUnsignedLong(length));
    }
    int end = headBytes + length;
    if (end > frame.capacity()) {
      frame = ByteBuffer.allocate(end).put(frame.flip());
    }
    readTo(end, frame);
    if (frame.position() > end) {
      throw new IOException("more than one message at a time");
    }
    return frame.flip().position(Integer.BYTES);
  }

  private void readTo(int end, ByteBuffer frame) throws IOException {
    while (frame.position() < end) {
      if (channel.read(frame.limit(Math.min(frame.capacity(), frame.position() + MOST_AT_ONCE))) < 0) {
        throw new EOFException();
      }
    }
  }

  private static long micros(Instant instant) {
    return ChronoUnit.MICROS.between(Instant.EPOCH, instant);
  }

  /** Of a message that this side does not read; no other can be read after it. */
  static final class TooLargeException extends IOException {
    private static final long serialVersionUID = 1;

    private TooLargeException(long bytes) {
      super("the message exceeds maximum size %d: %d".formatted(Transport.MAX_MESSAGE_BYTES, bytes));
    }
  }
}
