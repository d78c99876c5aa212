package io.clipper.wire;

import com.esotericsoftware.kryo.Kryo;
import com.esotericsoftware.kryo.util.Pool;
import java.io.NotSerializableException;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.apache.pekko.actor.ExtendedActorSystem;
import org.apache.pekko.actor.typed.ActorRefResolver;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.Adapter;
import org.apache.pekko.serialization.SerializationExtension;
import org.apache.pekko.serialization.SerializerWithStringManifest;

/** Turns the messages in {@link WireTypes} into bytes and back. Whatever else comes, or is too large, is refused and counted. */
public final class WireSerializer extends SerializerWithStringManifest {
  /** Also in {@code reference.conf}. */
  public static final int IDENTIFIER = 13371;
  /** Of the forms that this release has: it reads all from the oldest on. Also the first number of {@code pekko.cluster.app-version}. */
  static final int VERSION = 3;

  static final int OLDEST_VERSION = 1;

  /** As many as there may be threads that write or read at once; more are made when needed and let go. */
  private static final int KEPT_CODECS = 16;

  private static final byte[] NOTHING = {};

  /** Kryo with its two buffers; for one thread at a time. */
  private record Codec(Kryo kryo, WireOutput output, WireInput input) {}

  private final LongAdder refused = new LongAdder();
  private final List<Pool<Codec>> codecs;
  private volatile int written = OLDEST_VERSION;

  /** As Pekko makes it. */
  public WireSerializer(ExtendedActorSystem system) {
    this(WireSettings.of(system.settings().config()), ActorRefResolver.get(Adapter.toTyped(system)), System::nanoTime);
  }

  WireSerializer(WireSettings settings, ActorRefResolver actors, LongSupplier nanoClock) {
    this.codecs =
        IntStream.rangeClosed(OLDEST_VERSION, VERSION).mapToObj(version -> pool(() -> codec(version, settings, actors, nanoClock))).toList();
  }

  private static Codec codec(int version, WireSettings settings, ActorRefResolver actors, LongSupplier nanoClock) {
    Kryo kryo = WireTypes.kryo(version);
    return new Codec(kryo, new WireOutput(settings.messageBytes(), kryo, actors, nanoClock), new WireInput(kryo, actors, nanoClock));
  }

  private static Pool<Codec> pool(Supplier<Codec> codecs) {
    return new Pool<>(true, false, KEPT_CODECS) {
      @Override
      protected Codec create() {
        return codecs.get();
      }
    };
  }

  /** The system's own. */
  public static WireSerializer of(ActorSystem<?> system) {
    return (WireSerializer) SerializationExtension.get(Adapter.toClassic(system)).serializerByIdentity().apply(IDENTIFIER);
  }

  /** How many messages could not be written or read, since the node's start. */
  public long refused() {
    return refused.sum();
  }

  /** The version of the forms that it writes: the oldest, until it is known what all members read. */
  int written() {
    return written;
  }

  /** What every member reads that reads this version; later ones than this release has are written by none. */
  void write(int version) {
    written = Math.clamp(version, OLDEST_VERSION, VERSION);
  }

  @Override
  public int identifier() {
    return IDENTIFIER;
  }

  @Override
  public String manifest(Object message) {
    return Integer.toString(written);
  }

  @Override
  public byte[] toBinary(Object message) {
    int version = written;
    Pool<Codec> pool = ofVersion(version);
    Codec codec = pool.obtain();
    try {
      // Manifest and bytes are asked for one after the other, and what all members read may change between: the bytes say what they are.
      codec.output().writeByte(version);
      codec.output().any(message);
      return codec.output().take();
    } catch (RuntimeException unwritable) {
      codec.output().clear();
      refused.increment();
      throw new IllegalArgumentException("%s is not sent: %s".formatted(message.getClass().getName(), unwritable.getMessage()), unwritable);
    } finally {
      pool.free(codec);
    }
  }

  private Pool<Codec> ofVersion(int version) {
    return codecs.get(version - OLDEST_VERSION);
  }

  @Override
  public Object fromBinary(byte[] bytes, String manifest) throws NotSerializableException {
    int version = bytes.length == 0 ? 0 : bytes[0];
    if (version < OLDEST_VERSION || version > VERSION) {
      refused.increment();
      throw new NotSerializableException(
          "a message of version %d (%s), where this node reads %d to %d".formatted(version, manifest, OLDEST_VERSION, VERSION));
    }
    Pool<Codec> pool = ofVersion(version);
    Codec codec = pool.obtain();
    try {
      codec.input().setBuffer(bytes, 1, bytes.length - 1);
      Object message = codec.input().any(Object.class);
      if (!codec.input().end()) {
        throw new IllegalArgumentException("more bytes than its form");
      }
      return message;
    } catch (RuntimeException unreadable) {
      refused.increment();
      NotSerializableException cause = new NotSerializableException("a message that cannot be read: " + unreadable.getMessage());
      cause.initCause(unreadable);
      throw cause;
    } finally {
      codec.input().setBuffer(NOTHING);
      pool.free(codec);
    }
  }
}
