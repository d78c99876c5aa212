package io.clipper.artifact;

import io.clipper.Refused;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.sql.SQLException;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A folder of models' bytes, each a file or a folder under the SHA-256 of its content, so that what is deployed stays what it was.
 *
 * <p>Content appears under its name as a whole, once it is on the disk. All methods block on the disk, and may be called together.
 */
public final class ArtifactStore {
  /** What is not yet whole, or no longer kept. */
  private static final String UNFINISHED = ".unfinished-";

  private static final Pattern SHA_256 = Pattern.compile("[0-9a-f]{64}");

  private final Path directory;
  /** What was written or read by this process, and was what its name says. */
  private final Set<String> sound = ConcurrentHashMap.newKeySet();

  /** No monitor: on Java 21 a virtual thread that waits for the disk in one keeps the thread that others would run on. */
  private final ReentrantLock moving = new ReentrantLock();

  private ArtifactStore(Path directory) {
    this.directory = directory;
  }

  /** Makes the folder where there is none, and sweeps what a process that died left half-written; one process has it open at a time. */
  public static ArtifactStore open(Path directory) {
    ArtifactStore store = new ArtifactStore(directory.toAbsolutePath());
    try {
      Files.createDirectories(store.directory);
      try (DirectoryStream<Path> leftovers = Files.newDirectoryStream(store.directory, UNFINISHED + "*")) {
        for (Path leftover : leftovers) {
          delete(leftover);
        }
      }
    } catch (IOException failed) {
      throw store.noRoom(failed);
    }
    return store;
  }

  /** The same folder for a process that is not the node's: it sweeps nothing, as a node may be at work there. */
  public static ArtifactStore beside(Path directory) {
    ArtifactStore store = new ArtifactStore(directory.toAbsolutePath());
    try {
      Files.createDirectories(store.directory);
    } catch (IOException failed) {
      throw store.noRoom(failed);
    }
    return store;
  }

  /** Copies a file, or a folder with all in it, and returns its SHA-256. A link that leads out of the folder is refused. */
  public String store(Path fileOrFolder) {
    List<Source> sources = Source.of(fileOrFolder);
    if (Files.isDirectory(fileOrFolder)) {
      return keep(unfinished -> copyFolder(sources, unfinished));
    }
    return keep(unfinished -> copyFile(sources.getFirst(), unfinished));
  }

  /** Keeps a file's bytes and returns their SHA-256. The caller closes the stream. */
  public String store(InputStream bytes) {
    return keep(unfinished -> copyFile(new Source("", () -> bytes), unfinished));
  }

  public String store(byte[] bytes) {
    return store(new ByteArrayInputStream(bytes));
  }

  /**
   * Keeps the folder that a ZIP archive holds, and returns its SHA-256, which is that of the folder however it was packed. The caller
   * closes the stream.
   *
   * @param mostBytes that its files may have together
   */
  public String storeArchive(InputStream archive, long mostBytes) {
    Path unpacked = unfinished();
    try {
      try {
        Files.createDirectory(unpacked);
        Archive.unpack(archive, unpacked, mostBytes);
        return store(unpacked);
      } finally {
        delete(unpacked);
      }
    } catch (IOException failed) {
      throw noRoom(failed);
    }
  }

  /** Writes all of an artifact as one stream, for {@link #unpack} of another store. The caller closes the stream. */
  public void pack(String sha256, OutputStream to) throws IOException {
    PackedArtifact.write(path(sha256), to);
  }

  /**
   * Keeps what another store packed, where it is what its name says; of anything else nothing stays. The caller closes the stream.
   *
   * @throws Refused for another content
   */
  public void unpack(String sha256, InputStream packed) {
    named(sha256);
    Path unpacked = unfinished();
    try {
      try {
        if (PackedArtifact.kind(packed) == PackedArtifact.FILE) {
          keep(unfinished -> checked(sha256, copyFile(new Source("", () -> packed), unfinished)));
        } else {
          Files.createDirectory(unpacked);
          Archive.unpack(packed, unpacked, Long.MAX_VALUE);
          List<Source> sources = Source.of(unpacked);
          keep(unfinished -> checked(sha256, copyFolder(sources, unfinished)));
        }
      } finally {
        delete(unpacked);
      }
    } catch (IOException failed) {
      throw noRoom(failed);
    }
  }

  /** The same of what is still to be packed: it passes through a file beside the others, where there is room for artifacts. */
  public void unpack(String sha256, SharedArtifacts.Packing packing) throws IOException, SQLException {
    Path packed = unfinished();
    try {
      try (OutputStream to = Files.newOutputStream(packed)) {
        packing.to(to);
      }
      try (InputStream in = Files.newInputStream(packed)) {
        unpack(sha256, in);
      }
    } finally {
      Files.deleteIfExists(packed);
    }
  }

  /** Lets go of content that nothing names any more; of what is not there, nothing is left to do. */
  public void remove(String sha256) {
    Path place = named(sha256);
    Path gone = unfinished();
    moving.lock();
    try {
      if (Files.exists(place)) {
        Files.move(place, gone, StandardCopyOption.ATOMIC_MOVE);
        sound.remove(sha256);
        delete(gone);
      }
    } catch (IOException failed) {
      throw noRoom(failed);
    } finally {
      moving.unlock();
    }
  }

  public boolean holds(String sha256) {
    return Files.exists(named(sha256));
  }

  /** The digests of what is there. */
  public List<String> all() {
    try (Stream<Path> entries = Files.list(directory)) {
      return entries.map(entry -> entry.getFileName().toString()).filter(name -> SHA_256.matcher(name).matches()).sorted().toList();
    } catch (IOException failed) {
      throw new Refused(Refused.Reason.UNAVAILABLE, "the artifacts in %s cannot be listed: %s".formatted(directory, failed));
    }
  }

  /** Where that content is; whoever uses it only reads, and writes nothing beside it. */
  public Path path(String sha256) {
    if (!holds(sha256)) {
      throw new Refused(Refused.Reason.NOT_FOUND, "no artifact %s in %s".formatted(sha256, directory));
    }
    return named(sha256);
  }

  /** Reads all of it again; whether it is what its name says. */
  public boolean isIntact(String sha256) {
    try {
      return digest(path(sha256)).equals(sha256);
    } catch (IOException failed) {
      throw new Refused(Refused.Reason.UNAVAILABLE, "artifact %s in %s cannot be read: %s".formatted(sha256, directory, failed));
    }
  }

  /** Whether it is there and what its name says. All of it is read the first time, and then no more; what cannot be read is not sound. */
  public boolean isSound(String sha256) {
    if (!holds(sha256)) {
      return false;
    }
    if (!sound.contains(sha256) && reads(sha256)) {
      sound.add(sha256);
    }
    return sound.contains(sha256);
  }

  private boolean reads(String sha256) {
    try {
      return isIntact(sha256);
    } catch (Refused unreadable) {
      return false;
    }
  }

  /** A name that nothing has yet; what is there when the store is opened is swept. */
  Path unfinished() {
    return directory.resolve(UNFINISHED + UUID.randomUUID());
  }

  private static String checked(String wanted, String found) {
    if (!found.equals(wanted)) {
      throw new Refused(Refused.Reason.UNAVAILABLE, "what came as artifact %s is damaged: its SHA-256 is %s".formatted(wanted, found));
    }
    return found;
  }

  private Path named(String sha256) {
    if (!SHA_256.matcher(sha256).matches()) {
      throw new Refused(Refused.Reason.INVALID, "'%s' is not a SHA-256 in lower-case hexadecimal".formatted(sha256));
    }
    return directory.resolve(sha256);
  }

  /** Writes content to a place, has it on the disk, and returns its SHA-256. */
  @FunctionalInterface
  private interface Writing {
    String to(Path place) throws IOException;
  }

  private String keep(Writing writing) {
    Path unfinished = unfinished();
    try {
      try {
        String sha256 = writing.to(unfinished);
        appear(unfinished, sha256);
        force(directory);
        sound.add(sha256);
        return sha256;
      } finally {
        delete(unfinished);
      }
    } catch (IOException failed) {
      throw noRoom(failed);
    }
  }

  /** A file replaces the same file. A folder cannot, so one that is damaged is moved away first. */
  private void appear(Path unfinished, String sha256) throws IOException {
    moving.lock();
    try {
      appearAlone(unfinished, sha256);
    } finally {
      moving.unlock();
    }
  }

  private void appearAlone(Path unfinished, String sha256) throws IOException {
    Path place = directory.resolve(sha256);
    if (Files.isDirectory(place)) {
      if (digest(place).equals(sha256)) {
        return;
      }
      Path damaged = unfinished();
      Files.move(place, damaged, StandardCopyOption.ATOMIC_MOVE);
      Files.move(unfinished, place, StandardCopyOption.ATOMIC_MOVE);
      delete(damaged);
    } else {
      Files.move(unfinished, place, StandardCopyOption.ATOMIC_MOVE);
    }
  }

  private static String copyFile(Source source, Path place) throws IOException {
    return Digest.hex(copy(source, place));
  }

  private static String copyFolder(List<Source> sources, Path place) throws IOException {
    Files.createDirectory(place);
    Digest.OfFolder digest = new Digest.OfFolder();
    for (Source source : sources) {
      Path copy = place.resolve(source.name());
      Files.createDirectories(parent(copy));
      byte[] content = copy(source, copy);
      digest.add(source.name(), Files.size(copy), content);
    }
    try (Stream<Path> folders = Files.walk(place).filter(Files::isDirectory)) {
      for (Path folder : folders.toList()) {
        force(folder);
      }
    }
    return digest.hex();
  }

  /** The digest is of the bytes that were written, whatever becomes of the source meanwhile. */
  private static byte[] copy(Source source, Path place) throws IOException {
    Digest digest = new Digest();
    try (InputStream in = source.open();
        FileChannel out = FileChannel.open(place, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE))) {
      digest.copy(source, in, out);
      out.force(true);
    }
    return digest.bytes();
  }

  private static String digest(Path stored) throws IOException {
    if (!Files.isDirectory(stored)) {
      try (InputStream in = Files.newInputStream(stored)) {
        return Digest.hex(Digest.of(in));
      }
    }
    Digest.OfFolder digest = new Digest.OfFolder();
    for (Source source : Source.of(stored)) {
      Path file = stored.resolve(source.name());
      try (InputStream in = Files.newInputStream(file)) {
        digest.add(source.name(), Files.size(file), Digest.of(in));
      }
    }
    return digest.hex();
  }

  /** A rename is on the disk once its folder is. */
  private static void force(Path folder) throws IOException {
    try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  private static void delete(Path fileOrFolder) throws IOException {
    if (Files.isDirectory(fileOrFolder, LinkOption.NOFOLLOW_LINKS)) {
      try (DirectoryStream<Path> entries = Files.newDirectoryStream(fileOrFolder)) {
        for (Path entry : entries) {
          delete(entry);
        }
      } catch (DirectoryIteratorException failed) {
        throw failed.getCause();
      }
    }
    Files.deleteIfExists(fileOrFolder);
  }

  private static Path parent(Path path) {
    Path parent = path.getParent();
    return parent == null ? path : parent;
  }

  private Refused noRoom(IOException failed) {
    return new Refused(
        Refused.Reason.UNAVAILABLE,
        "the artifact cannot be kept in %s (see --data): %s".formatted(directory, failed.getMessage() == null ? failed : failed.getMessage()));
  }
}
