package io.clipper.model.runtime.process;

import io.clipper.model.ModelId;
import io.clipper.model.runtime.ModelLoadException;
import io.clipper.model.runtime.Placeholders;
import io.clipper.model.runtime.RuntimeSpec;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A command as a node starts it, and where its server is asked then.
 *
 * @param words the program and its arguments
 * @param target {@code unix:PATH}, or {@code HOST:PORT}
 */
record ServerCommand(List<String> words, Map<String, String> environment, Optional<Path> directory, String target) {
  private static final String LOOPBACK = "127.0.0.1";

  /**
   * With a value for each placeholder.
   *
   * @param socket where the server may make a socket of the file system
   * @throws ModelLoadException if there is no such folder or program
   */
  static ServerCommand of(RuntimeSpec.Command command, ModelId id, int threads, Path socket) throws ModelLoadException {
    Map<String, String> environment = new HashMap<>();
    List<String> words = new ArrayList<>();
    Optional<Path> directory = directory(command);
    String target;
    try (HeldPorts ports = new HeldPorts()) {
      int port = ports.next();
      target = Placeholders.useSocket(texts(command)) ? "unix:" + socket : "%s:%d".formatted(LOOPBACK, port);
      for (String word : command.words()) {
        words.add(Placeholders.filled(word, name -> value(name, id, threads, socket, port, ports)));
      }
      command.worker().environment().forEach((key, text) -> environment.put(key, Placeholders.filled(text, name -> value(name, id, threads, socket, port, ports))));
    }
    demandProgram(words.getFirst(), directory, environment.getOrDefault("PATH", System.getenv().getOrDefault("PATH", "")));
    return new ServerCommand(words, environment, directory, target);
  }

  private static String value(String placeholder, ModelId id, int threads, Path socket, int port, HeldPorts ports) {
    return switch (placeholder) {
      case Placeholders.PORT -> Integer.toString(port);
      case Placeholders.SOCKET -> socket.toString();
      case Placeholders.FREE_PORT -> Integer.toString(ports.next());
      case Placeholders.NAME -> id.name();
      case Placeholders.VERSION -> id.version();
      case Placeholders.THREADS -> Integer.toString(threads);
      default -> throw new IllegalArgumentException("a command has no {%s}".formatted(placeholder));
    };
  }

  private static List<String> texts(RuntimeSpec.Command command) {
    return Stream.concat(command.words().stream(), command.worker().environment().values().stream()).toList();
  }

  private static Optional<Path> directory(RuntimeSpec.Command command) throws ModelLoadException {
    Optional<Path> directory = command.directory().map(Path::of);
    if (directory.isPresent() && !Files.isDirectory(directory.get())) {
      throw new ModelLoadException("there is no folder '%s' on the node's machine to start the command in".formatted(directory.get()));
    }
    return directory;
  }

  /** A shell would say it too, but not on which machine, and where it has looked. */
  private static void demandProgram(String program, Optional<Path> directory, String path) throws ModelLoadException {
    Path here = directory.orElse(Path.of(""));
    boolean found =
        program.contains("/")
            ? isProgram(here.resolve(program))
            : Stream.of(path.split(File.pathSeparator, -1)).anyMatch(folder -> isProgram(here.resolve(folder).resolve(program)));
    if (!found) {
      throw new ModelLoadException(
          program.contains("/")
              ? "there is no program '%s' on the node's machine, seen from '%s'".formatted(program, here.toAbsolutePath())
              : "there is no program '%s' on the node's machine, in none of its PATH '%s'".formatted(program, path));
    }
  }

  private static boolean isProgram(Path file) {
    return Files.isRegularFile(file) && Files.isExecutable(file);
  }
}
