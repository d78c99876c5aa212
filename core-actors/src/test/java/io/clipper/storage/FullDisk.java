package io.clipper.storage;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;
import org.h2.store.fs.FilePath;
import org.h2.store.fs.FilePathWrapper;

/** A disk of which a test says when there is no space left on it: half of what is written then is there, as may be of a real one. */
public final class FullDisk extends FilePathWrapper {
  private static final AtomicBoolean FULL = new AtomicBoolean();

  static {
    FilePath.register(new FullDisk());
  }

  /** The URL of a database in that folder, on this disk. */
  public static String url(Path directory) {
    String path = directory.resolve("clipper").toString();
    return DatabaseAddress.in(directory).url().replace(StoreFile.of(path), StoreFile.of("fulldisk:" + path));
  }

  public static void fill() {
    FULL.set(true);
  }

  public static void makeRoom() {
    FULL.set(false);
  }

  @Override
  public String getScheme() {
    return "fulldisk";
  }

  @Override
  @SuppressWarnings("UnsynchronizedOverridesSynchronized") // as those of the file that it is
  public FileChannel open(String mode) throws IOException {
    return new OpenFile(getBase().open(mode)) {
      @Override
      public int write(ByteBuffer bytes) throws IOException {
        if (FULL.get()) {
          super.write(half(bytes));
          throw noSpace();
        }
        return super.write(bytes);
      }

      @Override
      public int write(ByteBuffer bytes, long at) throws IOException {
        if (FULL.get()) {
          super.write(half(bytes), at);
          throw noSpace();
        }
        return super.write(bytes, at);
      }
    };
  }

  private static ByteBuffer half(ByteBuffer bytes) {
    return bytes.slice(bytes.position(), bytes.remaining() / 2);
  }

  private static IOException noSpace() {
    return new IOException("No space left on device");
  }
}
