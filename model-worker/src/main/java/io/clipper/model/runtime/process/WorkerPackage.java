package io.clipper.model.runtime.process;

import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import java.util.stream.Stream;

/** The Python package {@code clipper_worker}, which this build carries. */
final class WorkerPackage {
  private static final String RESOURCE = "python";

  private WorkerPackage() {}

  /** Copies it into a folder, over what is there, and returns the folder. */
  static Path unpack(Path folder) throws IOException {
    URL resource = WorkerPackage.class.getResource(RESOURCE);
    if (resource == null) {
      throw new IOException("the package clipper_worker is not in this build");
    }
    try {
      URI place = resource.toURI();
      if (!place.getScheme().equals("jar")) {
        copy(Path.of(place), folder);
      } else {
        try (FileSystem jar = FileSystems.newFileSystem(place, Map.of())) {
          copy(jar.provider().getPath(place), folder);
        }
      }
    } catch (URISyntaxException impossible) {
      throw new IOException(impossible);
    }
    return folder;
  }

  private static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Path place = to.resolve(from.relativize(file).toString());
        Path parent = place.getParent();
        Files.createDirectories(parent == null ? to : parent);
        Files.copy(file, place, StandardCopyOption.REPLACE_EXISTING);
      }
    }
  }
}
