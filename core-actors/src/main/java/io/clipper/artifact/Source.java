package io.clipper.artifact;

import io.clipper.Refused;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;

/**
 * One file's content to be kept.
 *
 * @param name its path below the folder that is kept, with {@code /} between its parts; empty for a file of its own
 */
record Source(String name, Opening opening) {
  /** Opens the content. */
  @FunctionalInterface
  interface Opening {
    InputStream open() throws IOException;
  }

  /** A file by itself, or a folder's files in the order of their names. What cannot be read is refused in the reader's words. */
  static List<Source> of(Path fileOrFolder) {
    try {
      Path root = fileOrFolder.toRealPath();
      if (Files.isRegularFile(root)) {
        return List.of(new Source("", () -> Files.newInputStream(root)));
      }
      if (!Files.isDirectory(root)) {
        throw unfit(fileOrFolder, "is neither a file nor a folder");
      }
      List<Source> sources = below(root);
      if (sources.isEmpty()) {
        throw unfit(fileOrFolder, "has no file in it");
      }
      return sources;
    } catch (IOException failed) {
      throw unfit(fileOrFolder, "cannot be read: " + failed);
    }
  }

  InputStream open() {
    try {
      return opening.open();
    } catch (IOException failed) {
      throw unreadable(failed);
    }
  }

  /** What the source's own failure is to whoever deployed it, as opposed to the store's. */
  Refused unreadable(IOException failed) {
    return new Refused(Refused.Reason.INVALID, "the artifact %s cannot be read: %s".formatted(name, failed));
  }

  private static List<Source> below(Path root) throws IOException {
    List<Source> sources = new ArrayList<>();
    Files.walkFileTree(
        root,
        EnumSet.of(FileVisitOption.FOLLOW_LINKS),
        Integer.MAX_VALUE,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) throws IOException {
            checkInside(root, folder);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
            Path real = checkInside(root, file);
            if (!attributes.isRegularFile()) {
              throw unfit(file, "is neither a file nor a folder");
            }
            String name = root.relativize(file).toString().replace(file.getFileSystem().getSeparator(), "/");
            sources.add(new Source(name, () -> Files.newInputStream(real)));
            return FileVisitResult.CONTINUE;
          }
        });
    sources.sort(Comparator.comparing(Source::name));
    return sources;
  }

  private static Path checkInside(Path root, Path path) throws IOException {
    Path real = path.toRealPath();
    if (!real.startsWith(root)) {
      throw unfit(path, "is a link that leads out of the folder, to " + real);
    }
    return real;
  }

  private static Refused unfit(Path path, String why) {
    return new Refused(Refused.Reason.INVALID, "the artifact %s %s".formatted(path, why));
  }
}
