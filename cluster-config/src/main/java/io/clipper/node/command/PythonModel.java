package io.clipper.node.command;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.EnumSet;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * A file or a folder that Python serves, on its way to a node.
 *
 * @param source where it is
 * @param function what in it is served; empty: what the worker finds
 */
record PythonModel(Path source, Optional<String> function) {
  static final String REQUIREMENTS = "requirements.txt";

  private static final Pattern IDENTIFIER = Pattern.compile("[\\p{L}_][\\p{L}\\p{N}_]*");
  private static final Pattern KINDS =
      Pattern.compile(".+\\.(py|pkl|pickle|joblib|ubj|xgb|bst|json|txt|lgb|pt|pth|onnx)", Pattern.CASE_INSENSITIVE);

  /** {@code FILE}, {@code FOLDER} or either with {@code :FUNCTION} behind it; empty for what is of no known kind. */
  static Optional<PythonModel> of(String text) {
    int colon = text.lastIndexOf(':');
    boolean hasFunction = colon > 0 && IDENTIFIER.matcher(text.substring(colon + 1)).matches();
    Path source = Path.of(hasFunction ? text.substring(0, colon) : text);
    Optional<String> function = hasFunction ? Optional.of(text.substring(colon + 1)) : Optional.empty();
    boolean known = Files.isDirectory(source) || KINDS.matcher(source.toString()).matches();
    return known ? Optional.of(new PythonModel(source, function)) : Optional.empty();
  }

  /** What the node is to serve of the archive. */
  String entry() {
    return name() + function.map(name -> ":" + name).orElse("");
  }

  /**
   * Packs it as {@code NAME} or {@code NAME/…}, with the requirements beside it.
   *
   * @return a file that the caller deletes
   */
  Path pack(Optional<Path> requirements) {
    try {
      Path archive = Files.createTempFile("clipper-", ".zip");
      try (OutputStream out = Files.newOutputStream(archive);
          ZipOutputStream zip = new ZipOutputStream(out)) {
        if (requirements.isPresent()) {
          add(zip, requirements.get(), REQUIREMENTS);
        }
        if (Files.isDirectory(source)) {
          addFolder(zip);
        } else {
          add(zip, source, name());
        }
      } catch (IOException | RuntimeException failed) {
        Files.delete(archive);
        throw failed;
      }
      return archive;
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }

  /** Its own name, also of {@code .} and the like. */
  private String name() {
    Path name = source.toAbsolutePath().normalize().getFileName();
    return name == null ? "model" : name.toString();
  }

  /** What is hidden, what Python has compiled, and environments are not the model. What a link leads to is. */
  private void addFolder(ZipOutputStream zip) throws IOException {
    Files.walkFileTree(
        source,
        EnumSet.of(FileVisitOption.FOLLOW_LINKS),
        Integer.MAX_VALUE,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
            boolean left = !folder.equals(source) && (isHidden(folder) || folder.endsWith("__pycache__") || Files.exists(folder.resolve("pyvenv.cfg")));
            return left ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
            if (!isHidden(file) && Files.isRegularFile(file)) {
              add(zip, file, name() + "/" + source.relativize(file).toString().replace(file.getFileSystem().getSeparator(), "/"));
            }
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path file, IOException failure) throws IOException {
            throw failure instanceof FileSystemLoopException ? new FileSystemException(file.toString(), null, "it leads back to a folder that it is in") : failure;
          }
        });
  }

  private static boolean isHidden(Path path) {
    Path name = path.getFileName();
    return name != null && name.toString().startsWith(".");
  }

  private static void add(ZipOutputStream zip, Path file, String name) throws IOException {
    zip.putNextEntry(new ZipEntry(name));
    Files.copy(file, zip);
    zip.closeEntry();
  }
}
