package io.clipper.node.command;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * What a deployment sends of a model, and how it says that the model is run.
 *
 * @param archive a file of ours, which is deleted at the end
 */
record Upload(BodyPublisher body, Map<String, String> parameters, Optional<Path> archive) implements AutoCloseable {
  private static final String GRPC = "grpc://";

  Upload {
    parameters = Map.copyOf(parameters);
  }

  /** Throws {@link IllegalArgumentException} that says what does not go together. */
  static Upload of(String name, Optional<String> model, ProcessOptions process, boolean passThrough) {
    if (process.namesCommand()) {
      return command(model, process, passThrough);
    }
    return of(name, model.orElseThrow(() -> new IllegalArgumentException("give a MODEL, or --command: see ./clipper deploy --help")), process, passThrough);
  }

  private static Upload command(Optional<String> model, ProcessOptions process, boolean passThrough) {
    if (process.command.isEmpty()) {
      throw new IllegalArgumentException("--directory and --served-as are for a server that the node starts: give --command too");
    }
    if (model.isPresent()) {
      throw new IllegalArgumentException("--command stands instead of '%s': quote it, if it is one of the command's words".formatted(model.get()));
    }
    if (process.isolated || process.device.isPresent() || process.namesPython()) {
      throw new IllegalArgumentException("--command is a server with a process of its own: --isolated, --device, --requirements, --venv and --python are for a file");
    }
    Map<String, String> parameters = new LinkedHashMap<>(process.parameters());
    if (passThrough) {
      parameters.put("pass_through", "true");
    }
    return new Upload(BodyPublishers.noBody(), parameters, Optional.empty());
  }

  private static Upload of(String name, String model, ProcessOptions process, boolean passThrough) {
    boolean onnx = model.toLowerCase(Locale.ROOT).endsWith(".onnx") && !process.namesPython();
    if (model.contains("://")) {
      if (process.isolated || process.namesPython() || process.namesProcess()) {
        throw new IllegalArgumentException("a server is somebody else's process: --isolated, --env, --memory and the like are for a file");
      }
      return endpoint(name, model, passThrough);
    }
    if (passThrough) {
      throw new IllegalArgumentException("--isolated is for a file, --pass-through for a server");
    }
    return onnx ? onnx(Path.of(model), process) : python(model, process);
  }

  private static Upload endpoint(String name, String url, boolean passThrough) {
    Map<String, String> parameters = new LinkedHashMap<>();
    if (url.startsWith(GRPC)) {
      String[] parts = url.substring(GRPC.length()).split("/", 3);
      parameters.put("endpoint", GRPC + parts[0]);
      parameters.put("endpoint_model", parts.length > 1 ? parts[1] : name);
      parameters.put("endpoint_version", parts.length > 2 ? parts[2] : "");
    } else {
      parameters.put("endpoint", url);
    }
    if (passThrough) {
      parameters.put("pass_through", "true");
    }
    return new Upload(BodyPublishers.noBody(), parameters, Optional.empty());
  }

  private static Upload onnx(Path file, ProcessOptions process) {
    if (process.namesProcess() && !process.isolated) {
      throw new IllegalArgumentException("--env, --memory and --threads are for a process of its own: give --isolated too");
    }
    return new Upload(fileBody(file), process.parameters(), Optional.empty());
  }

  private static Upload python(String text, ProcessOptions process) {
    PythonModel model =
        PythonModel.of(text)
            .orElseThrow(() -> new IllegalArgumentException("'%s' is of no known kind: see ./clipper deploy --help".formatted(text)));
    if (process.contradicts()) {
      throw new IllegalArgumentException("give one of --requirements, --venv and --python");
    }
    if (process.isolated) {
      throw new IllegalArgumentException("--isolated is for an ONNX file; what Python serves has a process of its own anyway");
    }
    model.function().filter(function -> Files.exists(model.source()) && !isSource(model.source())).ifPresent(
        function -> {
          throw new IllegalArgumentException("'%s' has no functions: '%s' can only be in Python source".formatted(model.source(), function));
        });
    if (!Files.exists(model.source())) {
      throw new UncheckedIOException(new NoSuchFileException(model.source().toString()));
    }
    Path archive = model.pack(process.requirements);
    Map<String, String> parameters = new LinkedHashMap<>(process.parameters());
    parameters.put("entry", model.entry());
    return new Upload(fileBody(archive), parameters, Optional.of(archive));
  }

  private static boolean isSource(Path source) {
    return Files.isDirectory(source) || source.toString().endsWith(".py");
  }

  private static BodyPublisher fileBody(Path file) {
    try {
      return BodyPublishers.ofFile(file);
    } catch (IOException missing) {
      throw new UncheckedIOException(new NoSuchFileException(file.toString()));
    }
  }

  @Override
  public void close() {
    try {
      if (archive.isPresent()) {
        Files.delete(archive.get());
      }
    } catch (IOException kept) {
      throw new UncheckedIOException(kept);
    }
  }
}
