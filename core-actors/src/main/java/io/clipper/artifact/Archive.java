package io.clipper.artifact;

import io.clipper.Refused;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipInputStream;

/** A folder as one file, for its way to a store: a ZIP archive that a client made. */
final class Archive {
  private static final int CHUNK = 1 << 16;
  /** Above any model's folder; a small archive can hold very many names. */
  private static final int MOST_FILES = 100_000;

  private Archive() {}

  /** Writes its files below a folder. An archive that holds more than that, or leads out of the folder, is refused. */
  static void unpack(InputStream archive, Path folder, long mostBytes) throws IOException {
    ZipInputStream zip = new ZipInputStream(archive);
    long left = mostBytes;
    int files = 0;
    try {
      for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
        if (!entry.isDirectory()) {
          files++;
          if (files > MOST_FILES) {
            throw unfit("has more than %d files".formatted(MOST_FILES));
          }
          left -= write(zip, place(folder, entry.getName()), left, mostBytes);
        }
      }
    } catch (ZipException | EOFException | IllegalArgumentException damaged) {
      throw unfit("cannot be read: " + damaged.getMessage());
    }
    if (files == 0) {
      throw unfit("is no ZIP archive, or has no file in it");
    }
  }

  private static long write(InputStream content, Path place, long left, long mostBytes) throws IOException {
    Path parent = place.getParent();
    if (parent != null) {
      Files.createDirectories(parent);
    }
    long written = 0;
    byte[] chunk = new byte[CHUNK];
    try (OutputStream out = Files.newOutputStream(place)) {
      for (int read = content.read(chunk); read >= 0; read = content.read(chunk)) {
        written += read;
        if (written > left) {
          throw unfit("holds more than %d bytes".formatted(mostBytes));
        }
        out.write(chunk, 0, read);
      }
    }
    return written;
  }

  private static Path place(Path folder, String name) {
    try {
      Path place = folder.resolve(name).normalize();
      if (!place.startsWith(folder) || place.equals(folder)) {
        throw unfit("has a file that leads out of it: '%s'".formatted(name));
      }
      return place;
    } catch (InvalidPathException noPath) {
      throw unfit("has a file of no possible name: " + noPath.getMessage());
    }
  }

  private static Refused unfit(String why) {
    return new Refused(Refused.Reason.INVALID, "the archive " + why);
  }
}
