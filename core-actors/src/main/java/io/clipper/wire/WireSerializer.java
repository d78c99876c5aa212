package io.clipper.wire;

import com.esotericsoftware.kryo.Kryo;
import com.esotericsoftware.kryo.util.Pool;
import java.io.NotSerializableException;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
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
  /** Of the forms that this node writes; it reads all up to it. */
  static final int VERSION = 1;

  private static final String MANIFEST = Integer.toString(VERSION);
  /** As many as there may be threads that write or read at once; more are made when needed and let go. */
  private static final int KEPT_CODECS = 16;

  private static final byte[] NOTHING = {};

  /** Kryo with its two buffers; for one thread at a time. */
  private record Codec(Kryo kryo, WireOutput output, WireInput input) {}

  private final LongAdder refused = new LongAdder();
  private final Pool<Codec> codecs;

  /** As Pekko makes it. */
  public WireSerializer(ExtendedActorSystem system) {
    this(WireSettings.of(system.settings().config()), ActorRefResolver.get(Adapter.toTyped(system)), System::nanoTime);
  }

  WireSerializer(WireSettings settings, ActorRefResolver actors, LongSupplier nanoClock) {
    this.codecs =
        new Pool<>(true, false, KEPT_CODECS) {
          @Override
          protected Codec create() {
            Kryo kryo = WireTypes.kryo();
            return new Codec(
                kryo, new WireOutput(settings.messageBytes(), kryo, actors, nanoClock), new WireInput(kryo, actors, nanoClock));
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

  @Override
  public int identifier() {
    return IDENTIFIER;
  }

  @Override
  public String manifest(Object message) {
    return MANIFEST;
  }

  @Override
  public byte[] toBinary(Object message) {
    Codec codec = codecs.obtain();
    try {
      codec.output().any(message);
      return codec.output().take();
    } catch (RuntimeException unwritable) {
      codec.output().clear();
      refused.increment();
      throw new IllegalArgumentException("%s is not sent: %s".formatted(message.getClass().getName(), unwritable.getMessage()), unwritable);
    } finally {
      codecs.free(codec);
    }
  }

  @Override
  public Object fromBinary(byte[] bytes, String manifest) throws NotSerializableException {
    if (!manifest.equals(MANIFEST)) {
      refused.increment();
      throw new NotSerializableException("a message of version '%s', where this node reads %s".formatted(manifest, MANIFEST));
    }
    Codec codec = codecs.obtain();
    try {
      codec.input().setBuffer(bytes);
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
      codecs.free(codec);
    }
  }
}
