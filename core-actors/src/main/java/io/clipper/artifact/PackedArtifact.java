package io.clipper.artifact;

import io.clipper.Refused;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.List;
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
    write(Source.of(stored), to);
  }

  /** A file, which is the one without a name, or a folder's files in the order of their names. */
  static void write(List<Source> sources, OutputStream to) throws IOException {
    if (sources.getFirst().name().isEmpty()) {
      to.write(FILE);
      copy(sources.getFirst(), to);
    } else {
      to.write(FOLDER);
      writeFolder(sources, to);
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

  private static void writeFolder(List<Source> sources, OutputStream to) throws IOException {
    ZipOutputStream zip = new ZipOutputStream(to);
    // Weights hardly shrink, and the disk and the wire are faster than a compressor.
    zip.setLevel(Deflater.NO_COMPRESSION);
    for (Source source : sources) {
      ZipEntry entry = new ZipEntry(source.name());
      entry.setTimeLocal(NO_TIME);
      zip.putNextEntry(entry);
      copy(source, zip);
      zip.closeEntry();
    }
    zip.finish();
  }

  private static void copy(Source source, OutputStream to) throws IOException {
    try (InputStream content = source.open()) {
      content.transferTo(to);
    }
  }
}
