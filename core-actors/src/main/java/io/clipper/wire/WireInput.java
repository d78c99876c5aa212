package io.clipper.wire;

import com.esotericsoftware.kryo.Kryo;
import com.esotericsoftware.kryo.io.Input;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.function.LongSupplier;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorRefResolver;

/** A message's bytes and the ways to read what {@link WireOutput} wrote. No length is believed that the rest of the message cannot hold. */
final class WireInput extends Input {
  /** More than any asker waits; keeps the sum of clock and budget inside a long. */
  private static final long LONGEST_MICROS = Duration.ofDays(1).toNanos() / 1000;

  private final Kryo kryo;
  private final ActorRefResolver actors;
  private final LongSupplier nanoClock;

  WireInput(Kryo kryo, ActorRefResolver actors, LongSupplier nanoClock) {
    this.kryo = kryo;
    this.actors = actors;
    this.nanoClock = nanoClock;
  }

  <T> T any(Class<T> type) {
    Object value = kryo.readClassAndObject(this);
    if (!type.isInstance(value)) {
      throw new IllegalArgumentException("%s is no %s".formatted(value, type.getSimpleName()));
    }
    return type.cast(value);
  }

  String text() {
    return new String(block(), StandardCharsets.UTF_8);
  }

  int count() {
    return readVarInt(true);
  }

  long longCount() {
    return readVarLong(true);
  }

  long number() {
    return readVarLong(false);
  }

  Duration duration() {
    return Duration.ofNanos(number());
  }

  /** On this node's clock. */
  long deadline() {
    return nanoClock.getAsLong() + Math.min(longCount(), LONGEST_MICROS) * 1000;
  }

  OptionalLong span() {
    return readBoolean() ? OptionalLong.of(Math.min(longCount(), LONGEST_MICROS) * 1000) : OptionalLong.empty();
  }

  <E> E choice(E[] constants) {
    return constant(constants, readByte());
  }

  static <E> E constant(E[] constants, int place) {
    if (place < 0 || place >= constants.length) {
      throw new IllegalArgumentException("%s has no constant %d".formatted(constants.getClass().getComponentType().getSimpleName(), place));
    }
    return constants[place];
  }

  byte[] block() {
    return readBytes(length());
  }

  <T> ActorRef<T> actor() {
    return actors.resolveActorRef(text());
  }

  <T> Optional<T> optional(Form.Reading<T> reading) {
    return readBoolean() ? Optional.of(reading.read(this)) : Optional.empty();
  }

  OptionalDouble optionalDouble() {
    return readBoolean() ? OptionalDouble.of(readDouble()) : OptionalDouble.empty();
  }

  <T> List<T> list(Form.Reading<T> reading) {
    int length = length();
    List<T> values = new ArrayList<>(length);
    for (int i = 0; i < length; i++) {
      values.add(reading.read(this));
    }
    return values;
  }

  long[] longCounts() {
    long[] values = new long[length()];
    for (int i = 0; i < values.length; i++) {
      values[i] = longCount();
    }
    return values;
  }

  double[] doubles() {
    double[] values = new double[length()];
    for (int i = 0; i < values.length; i++) {
      values[i] = readDouble();
    }
    return values;
  }

  <T> Map<String, T> map(Form.Reading<T> reading) {
    int length = length();
    Map<String, T> values = new LinkedHashMap<>();
    for (int i = 0; i < length; i++) {
      values.put(text(), reading.read(this));
    }
    return values;
  }

  /** Of something of which each element takes a byte at least. */
  private int length() {
    int length = count();
    if (length < 0 || length > limit - position) {
      throw new IllegalArgumentException("a length of %d, where %d bytes are left".formatted(length, limit - position));
    }
    return length;
  }
}
