package io.clipper.storage;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.h2.store.fs.FilePath;
import org.h2.store.fs.FilePathWrapper;
import org.jspecify.annotations.Nullable;

/**
 * A database's file that can be opened again in this JVM after a write to it has failed, as on a disk that is full. H2 gives such a database up,
 * keeps its lock on the file, and whenever a connection of it is used or closed it forgets whatever database has its name. So the file is let go as the write
 * fails, and who connects from then on gives it another name: {@code clipper:0@/data/clipper.mv.db}, {@code clipper:1@/data/clipper.mv.db}, ….
 */
public final class StoreFile extends FilePathWrapper {
  private static final String SCHEME = "clipper";
  private static final char AFTER_LIFE = '@';

  /** How many databases of a file were given up, by its path. */
  private static final ConcurrentHashMap<String, Integer> LIVES = new ConcurrentHashMap<>();

  static {
    FilePath.register(new StoreFile());
  }

  /** The text with each database called by its path alone. */
  static String withoutLives(String text) {
    return text.replaceAll(SCHEME + ":\\d+" + AFTER_LIFE, "");
  }

  /** What a URL of H2 has for a file at that absolute path. */
  static String of(String path) {
    return SCHEME + ":" + path;
  }

  @Override
  public String getScheme() {
    return SCHEME;
  }

  /** H2 asks for it when it is connected to, and calls the database by it; what has a life already keeps it. */
  @Override
  public FilePath toRealPath() {
    String real = getBase().toRealPath().toString();
    return getPath(of("%d%c%s".formatted(life().orElseGet(() -> lives(real)), AFTER_LIFE, real)));
  }

  @Override
  protected FilePath unwrap(String path) {
    String named = path.substring(SCHEME.length() + 1);
    return FilePath.get(named.substring(lifeLength(named)));
  }

  @Override
  public FileChannel open(String mode) throws IOException {
    // Not once it is open: with any channel to a file that is closed the system forgets what locks this process has on it.
    String real = getBase().toRealPath().toString();
    int life = life().orElseGet(() -> lives(real));
    if (life != lives(real)) {
      throw givenUp();
    }
    return new LetGo(getBase().open(mode), real, life);
  }

  /** For whoever has waited while the one before was given up, and asks for that one's name: he may connect again. */
  private static IOException givenUp() {
    return new IOException("the database was given up meanwhile");
  }

  private static int lives(String real) {
    return LIVES.getOrDefault(real, 0);
  }

  /** The one that this name says. */
  private Optional<Integer> life() {
    String named = toString().substring(SCHEME.length() + 1);
    int length = lifeLength(named);
    return length == 0 ? Optional.empty() : Optional.of(Integer.parseInt(named.substring(0, length - 1)));
  }

  /** With the sign after it; none of a path without one. */
  private static int lifeLength(String named) {
    int digits = 0;
    while (digits < named.length() && Character.isDigit(named.charAt(digits))) {
      digits++;
    }
    return digits > 0 && digits < named.length() && named.charAt(digits) == AFTER_LIFE ? digits + 1 : 0;
  }

  @SuppressWarnings("UnsynchronizedOverridesSynchronized") // as those of the file that it is
  private static final class LetGo extends OpenFile {
    private final String path;
    private final int life;

    private LetGo(FileChannel channel, String path, int life) {
      super(channel);
      this.path = path;
      this.life = life;
    }

    @Override
    public @Nullable FileLock tryLock(long position, long size, boolean shared) throws IOException {
      FileLock lock = super.tryLock(position, size, shared);
      if (lock != null && life != lives(path)) {
        lock.release();
        throw givenUp();
      }
      return lock;
    }

    @Override
    public int write(ByteBuffer bytes) throws IOException {
      try {
        return super.write(bytes);
      } catch (IOException failed) {
        throw letGo(failed);
      }
    }

    @Override
    public int write(ByteBuffer bytes, long at) throws IOException {
      try {
        return super.write(bytes, at);
      } catch (IOException failed) {
        throw letGo(failed);
      }
    }

    private synchronized IOException letGo(IOException failed) {
      if (!isOpen()) {
        return failed;
      }
      LIVES.put(path, life + 1); // before another can have the file
      try {
        close();
      } catch (IOException stillOpen) {
        failed.addSuppressed(stillOpen);
      }
      return failed;
    }
  }
}
