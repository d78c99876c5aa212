package io.clipper.storage;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.Adapter;
import org.apache.pekko.serialization.Serialization;
import org.apache.pekko.serialization.SerializationExtension;

/** What the journal would write of a value, for those who carry it elsewhere. */
public final class JournalBytes {
  private JournalBytes() {}

  public static ByteBuffer write(ActorSystem<?> system, JournalEvent value) {
    return ByteBuffer.wrap(serialization(system).serialize(value).get());
  }

  /** @throws IOException where they were written by a version that this one does not know */
  public static <T extends JournalEvent> T read(ActorSystem<?> system, Class<T> type, ByteBuffer bytes) throws IOException {
    byte[] copy = new byte[bytes.remaining()];
    bytes.duplicate().get(copy);
    try {
      return serialization(system).deserialize(copy, type).get();
    } catch (RuntimeException unreadable) {
      throw new IOException("the journal's bytes cannot be read: " + unreadable.getMessage(), unreadable);
    }
  }

  private static Serialization serialization(ActorSystem<?> system) {
    return SerializationExtension.get(Adapter.toClassic(system));
  }
}
