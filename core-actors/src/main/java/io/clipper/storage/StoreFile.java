package io.clipper.storage;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.concurrent.ConcurrentHashMap;
import org.h2.store.fs.FilePath;
import org.h2.store.fs.FilePathWrapper;

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

  /** What a URL of H2 has for a file at that absolute path. */
  static String of(String path) {
    return SCHEME + ":" + path;
  }

  @Override
  public String getScheme() {
    return SCHEME;
  }

  /** H2 asks for it when it is connected to, and calls the database by it. */
  @Override
  public FilePath toRealPath() {
    String real = getBase().toRealPath().toString();
    return getPath(of("%d%c%s".formatted(LIVES.getOrDefault(real, 0), AFTER_LIFE, real)));
  }

  @Override
  protected FilePath unwrap(String path) {
    String named = path.substring(SCHEME.length() + 1);
    int digits = 0;
    while (digits < named.length() && Character.isDigit(named.charAt(digits))) {
      digits++;
    }
    boolean hasLife = digits > 0 && digits < named.length() && named.charAt(digits) == AFTER_LIFE;
    return FilePath.get(hasLife ? named.substring(digits + 1) : named);
  }

  @Override
  public FileChannel open(String mode) throws IOException {
    return new LetGo(getBase().open(mode), getBase().toRealPath().toString());
  }

  private static final class LetGo extends OpenFile {
    private final String path;

    private LetGo(FileChannel channel, String path) {
      super(channel);
      this.path = path;
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
      LIVES.merge(path, 1, Integer::sum); // before another can have the file, under whichever name
      try {
        close();
      } catch (IOException stillOpen) {
        failed.addSuppressed(stillOpen);
      }
      return failed;
    }
  }
}
