package io.clipper.backup;

import io.clipper.Refused;
import io.clipper.storage.RowFile;
import io.clipper.storage.RowSink;
import io.clipper.storage.Rows;
import java.io.EOFException;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.SQLException;
import java.util.List;
import java.util.Set;
import java.util.SortedSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.Deflater;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * A store as one file, and a store into another.
 *
 * <p>The file is a ZIP archive: its format, each artifact under its SHA-256, then the tables, all as of one moment.
 */
public final class Backup {
  private static final String FORMAT = "clipper-store-1";
  private static final String ARTIFACT = "artifacts/";
  private static final Pattern ARTIFACT_ENTRY = Pattern.compile(ARTIFACT + "([0-9a-f]{64})");
  private static final String TABLES = "tables";

  private static final Set<StandardOpenOption> WRITTEN_ANEW =
      Set.of(StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE);

  private Backup() {}

  /** How much it was. */
  public record Size(long rows, int artifacts) {}

  /** Copies all of a store to where none is. */
  public static Size move(Store from, EmptyStore to) {
    try {
      return to.fill(filling -> from.asOfOneMoment(snapshot -> copy(snapshot, filling)));
    } catch (IOException | UncheckedIOException | SQLException failed) {
      throw failed("the store cannot be moved", failed);
    }
  }

  /** Writes a file that is not there yet; what fails leaves none. */
  public static Size write(Store from, Path file) {
    Path unfinished = file.resolveSibling(file.getFileName() + ".unfinished");
    try {
      if (Files.exists(file)) {
        throw new Refused(Refused.Reason.EXISTS, "%s is there already: name another file".formatted(file));
      }
      try {
        Size size;
        try (FileChannel channel = FileChannel.open(unfinished, WRITTEN_ANEW);
            OutputStream out = Channels.newOutputStream(channel)) {
          size = write(from, out);
          channel.force(true);
        }
        Files.move(unfinished, file);
        force(file.toAbsolutePath().resolveSibling(""));
        return size;
      } finally {
        Files.deleteIfExists(unfinished);
      }
    } catch (IOException | UncheckedIOException | SQLException failed) {
      throw failed("the backup %s cannot be written".formatted(file), failed);
    }
  }

  /** A name is on the disk once its folder is. */
  private static void force(Path folder) throws IOException {
    try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  /** Makes the store of such a file where none is. */
  public static Size restore(Path file, EmptyStore to) {
    try (InputStream in = Files.newInputStream(file)) {
      return to.fill(filling -> read(in, filling));
    } catch (IOException | UncheckedIOException | SQLException failed) {
      throw failed("the backup %s cannot be restored".formatted(file), failed);
    }
  }

  static Size write(Store from, OutputStream file) throws SQLException {
    return from.asOfOneMoment(snapshot -> write(snapshot, file));
  }

  private static Size copy(Snapshot from, EmptyStore.Filling to) throws IOException, SQLException {
    SortedSet<String> artifacts = from.artifacts();
    for (String sha256 : artifacts) {
      to.artifact(sha256, packed -> from.pack(sha256, packed));
    }
    Counted rows = new Counted(from.rows());
    to.rows(rows);
    return new Size(rows.count, artifacts.size());
  }

  private static Size write(Snapshot from, OutputStream file) throws IOException, SQLException {
    ZipOutputStream zip = new ZipOutputStream(file);
    zip.putNextEntry(new ZipEntry(FORMAT));
    zip.closeEntry();
    zip.setLevel(Deflater.BEST_SPEED);
    SortedSet<String> artifacts = from.artifacts();
    for (String sha256 : artifacts) {
      zip.putNextEntry(new ZipEntry(ARTIFACT + sha256));
      from.pack(sha256, new Open(zip));
      zip.closeEntry();
    }
    zip.putNextEntry(new ZipEntry(TABLES));
    Counted rows = new Counted(from.rows());
    RowFile out = new RowFile(zip);
    rows.into(out);
    out.end();
    zip.closeEntry();
    zip.finish();
    return new Size(rows.count, artifacts.size());
  }

  private static Size read(InputStream file, EmptyStore.Filling to) throws IOException, SQLException {
    ZipInputStream zip = new ZipInputStream(file, StandardCharsets.UTF_8);
    ZipEntry format = zip.getNextEntry();
    if (format == null || !format.getName().equals(FORMAT)) {
      throw new Refused(Refused.Reason.INVALID, "it is no backup that this version can read: it does not begin with " + FORMAT);
    }
    int artifacts = 0;
    for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
      if (entry.getName().equals(TABLES)) {
        Counted rows = new Counted(RowFile.in(zip));
        to.rows(rows);
        return new Size(rows.count, artifacts);
      }
      to.artifact(artifact(entry), zip::transferTo);
      artifacts++;
    }
    throw new EOFException("it ends before its tables");
  }

  private static String artifact(ZipEntry entry) {
    Matcher name = ARTIFACT_ENTRY.matcher(entry.getName());
    if (!name.matches()) {
      throw new Refused(Refused.Reason.INVALID, "it is no backup that this version can read: it has '%s' in it".formatted(entry.getName()));
    }
    return name.group(1);
  }

  private static Refused failed(String what, Exception failed) {
    Throwable cause = failed instanceof UncheckedIOException wrapped && wrapped.getCause() != null ? wrapped.getCause() : failed;
    String how = cause instanceof ZipException || cause instanceof EOFException ? "the file is damaged: " : "";
    return new Refused(Refused.Reason.UNAVAILABLE, "%s: %s%s".formatted(what, how, cause.getMessage() == null ? cause : cause.getMessage()));
  }

  /** Rows that are counted on their way. */
  private static final class Counted implements Rows {
    private final Rows rows;
    private long count;

    private Counted(Rows rows) {
      this.rows = rows;
    }

    @Override
    public void into(RowSink sink) throws IOException, SQLException {
      rows.into(
          new RowSink() {
            @Override
            public void table(String name, List<String> columns) throws IOException, SQLException {
              sink.table(name, columns);
            }

            @Override
            public void row(@Nullable Object[] values) throws IOException, SQLException {
              count++;
              sink.row(values);
            }
          });
    }
  }

  /** Stays open for the next entry, whoever closes it. */
  private static final class Open extends FilterOutputStream {
    private Open(OutputStream out) {
      super(out);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      out.write(bytes, offset, length);
    }

    @Override
    public void close() {}
  }
}
