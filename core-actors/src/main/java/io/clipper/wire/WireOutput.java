package io.clipper.wire;

import com.esotericsoftware.kryo.Kryo;
import com.esotericsoftware.kryo.io.Output;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.function.LongSupplier;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorRefResolver;

/** A buffer and the ways to write what messages are made of. */
final class WireOutput extends Output {
  private static final int FIRST_BYTES = 1024;
  /** A buffer that grew beyond this for one large message is let go. */
  private static final int KEPT_BYTES = 64 << 10;

  private final int maxBytes;
  private final Kryo kryo;
  private final ActorRefResolver actors;
  private final LongSupplier nanoClock;

  WireOutput(int maxBytes, Kryo kryo, ActorRefResolver actors, LongSupplier nanoClock) {
    super(FIRST_BYTES, maxBytes);
    this.maxBytes = maxBytes;
    this.kryo = kryo;
    this.actors = actors;
    this.nanoClock = nanoClock;
  }

  /** One of the types that have a form, its number first. */
  void any(Object value) {
    kryo.writeClassAndObject(this, value);
  }

  void text(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    count(bytes.length);
    writeBytes(bytes);
  }

  /** A number from 0 up. */
  void count(int value) {
    writeVarInt(value, true);
  }

  /** A number from 0 up. */
  void longCount(long value) {
    writeVarLong(value, true);
  }

  void number(long value) {
    writeVarLong(value, false);
  }

  void duration(Duration duration) {
    number(duration.toNanos());
  }

  /** Nodes share no clock: what crosses is the time that is left, in microseconds. */
  void deadline(long nanos) {
    longCount(Math.max(0, nanos - nanoClock.getAsLong()) / 1000);
  }

  /** In microseconds, as far as it is known. */
  void span(OptionalLong nanos) {
    writeBoolean(nanos.isPresent());
    if (nanos.isPresent()) {
      longCount(Math.max(0, nanos.getAsLong()) / 1000);
    }
  }

  /** One byte; a constant keeps its place in its enumeration for all time. */
  @SuppressWarnings("EnumOrdinal") // a test holds the order of every enumeration that is written so
  void choice(Enum<?> constant) {
    writeByte(constant.ordinal());
  }

  /** The same with a flag above the places, 0 or one bit that no constant's place reaches. */
  @SuppressWarnings("EnumOrdinal")
  void flaggedChoice(Enum<?> constant, int flag) {
    writeByte(constant.ordinal() | flag);
  }

  void block(ByteBuffer bytes) {
    int length = bytes.remaining();
    count(length);
    require(length);
    bytes.get(bytes.position(), buffer, position, length);
    position += length;
  }

  void actor(ActorRef<?> actor) {
    text(actors.toSerializationFormat(actor));
  }

  <T> void optional(Optional<T> value, Form.Writing<? super T> writing) {
    writeBoolean(value.isPresent());
    value.ifPresent(present -> writing.write(this, present));
  }

  void optional(OptionalDouble value) {
    writeBoolean(value.isPresent());
    value.ifPresent(this::writeDouble);
  }

  <T> void list(Collection<T> values, Form.Writing<? super T> writing) {
    count(values.size());
    values.forEach(value -> writing.write(this, value));
  }

  <T> void map(Map<String, T> values, Form.Writing<? super T> writing) {
    count(values.size());
    values.forEach(
        (key, value) -> {
          text(key);
          writing.write(this, value);
        });
  }

  /** What was written; the buffer is free for the next message. */
  byte[] take() {
    byte[] bytes = toBytes();
    clear();
    return bytes;
  }

  /** Forgets what was written so far. */
  void clear() {
    reset();
    if (buffer.length > KEPT_BYTES) {
      setBuffer(new byte[FIRST_BYTES], maxBytes);
    }
  }
}
