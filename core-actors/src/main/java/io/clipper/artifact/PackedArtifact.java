package io.clipper.artifact;

import io.clipper.Refused;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.zip.Deflater;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * An artifact as one stream, for its way to another store: a byte for what it is, then the file's bytes, or the folder as a ZIP archive.
 * The same artifact has the same bytes.
 */
final class PackedArtifact {
  static final int FILE = 'F';
  static final int FOLDER = 'D';

  /** The earliest that an archive can name: times are no part of an artifact. */
  private static final LocalDateTime NO_TIME = LocalDateTime.of(1980, 1, 1, 0, 0);

  private PackedArtifact() {}

  static void write(Path stored, OutputStream to) throws IOException {
    if (Files.isDirectory(stored)) {
      to.write(FOLDER);
      writeFolder(stored, to);
    } else {
      to.write(FILE);
      Files.copy(stored, to);
    }
  }

  /** What follows in the stream: {@link #FILE} or {@link #FOLDER}. */
  static int kind(InputStream packed) throws IOException {
    int kind = packed.read();
    if (kind != FILE && kind != FOLDER) {
      throw new Refused(Refused.Reason.INVALID, "the stream is no packed artifact: it begins with %d".formatted(kind));
    }
    return kind;
  }

  private static void writeFolder(Path folder, OutputStream to) throws IOException {
    ZipOutputStream zip = new ZipOutputStream(to);
    // Weights hardly shrink, and the disk and the wire are faster than a compressor.
    zip.setLevel(Deflater.NO_COMPRESSION);
    for (Source source : Source.of(folder)) {
      ZipEntry entry = new ZipEntry(source.name());
      entry.setTimeLocal(NO_TIME);
      zip.putNextEntry(entry);
      try (InputStream content = source.open()) {
        content.transferTo(zip);
      }
      zip.closeEntry();
    }
    zip.finish();
  }
}
