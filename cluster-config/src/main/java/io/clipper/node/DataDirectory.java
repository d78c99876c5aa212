package io.clipper.node;

import io.clipper.Refused;
import io.clipper.Refused.Reason;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** A node's folder, which it holds alone for as long as it runs. */
public final class DataDirectory implements AutoCloseable {
  private static final long LEAST_FREE_BYTES = 64L << 20;

  private final Path path;
  private final FileChannel channel;

  private DataDirectory(Path path, FileChannel channel) {
    this.path = path;
    this.channel = channel;
  }

  /** Makes the folder if there is none; refuses one that another node holds, that cannot be written, or that has no room. */
  public static DataDirectory open(Path path) {
    return open(path, LEAST_FREE_BYTES);
  }

  /** @param leastFreeBytes below which there is no room */
  static DataDirectory open(Path path, long leastFreeBytes) {
    try {
      Files.createDirectories(path);
      if (Files.getFileStore(path).getUsableSpace() < leastFreeBytes) {
        throw new Refused(
            Reason.UNAVAILABLE,
            "less than %d MB are free under %s: make room, or give another folder with --data".formatted(leastFreeBytes >> 20, path));
      }
      FileChannel channel = FileChannel.open(path.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      if (isLocked(channel)) {
        channel.close();
        throw new Refused(Reason.CONFLICT, "another node uses %s: stop it, or give this one a folder of its own with --data".formatted(path));
      }
      return new DataDirectory(path, channel);
    } catch (IOException unusable) {
      throw new Refused(
          Reason.UNAVAILABLE, "%s cannot be used (%s): give a folder that can be written with --data".formatted(path, unusable.getMessage()));
    }
  }

  public Path path() {
    return path;
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }

  private static boolean isLocked(FileChannel channel) throws IOException {
    try {
      return channel.tryLock() == null;
    } catch (OverlappingFileLockException heldByThisProcess) {
      return true;
    }
  }
}
