package io.clipper.model.runtime.process;

import io.clipper.model.ModelId;
import io.clipper.model.runtime.RuntimeSpec;
import java.math.BigDecimal;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The command line of a JVM worker.
 *
 * @param target where to listen
 * @param kind {@code onnx}, or a plug-in's
 * @param options the plug-in's own; of ONNX {@link #DEVICE}
 * @param stuckTimeout after which a model that returns none of its batches is not ready
 */
record WorkerArguments(
    String target,
    ModelId id,
    String kind,
    Map<String, String> options,
    Optional<Path> artifact,
    int threads,
    Duration stuckTimeout,
    Optional<Join> join) {
  /**
   * A node that it is to be a replica of.
   *
   * @param node its management port
   * @param advertise where that node reaches the worker; empty: where it listens
   * @param grace what a batch that runs may take when the worker ends
   */
  record Join(URI node, Optional<String> advertise, Optional<Path> tokenFile, Duration grace) {}

  private static final String ONNX = "onnx";
  static final String DEVICE = "device";
  /** What a node gives it by default, too. */
  private static final Duration STUCK_TIMEOUT = Duration.ofSeconds(60);

  WorkerArguments {
    options = Map.copyOf(options);
  }

  /** Throws {@link IllegalArgumentException} in a line for whoever wrote the command. */
  static WorkerArguments parse(List<String> line) {
    if (line.size() % 2 != 0) {
      throw new IllegalArgumentException("every argument is a name and a value: --listen TARGET --name NAME --version V --runtime KIND");
    }
    Map<String, String> options = new LinkedHashMap<>();
    Map<String, String> given = new LinkedHashMap<>();
    for (int i = 0; i < line.size(); i += 2) {
      String value = line.get(i + 1);
      switch (line.get(i)) {
        case "--option" -> {
          int equals = value.indexOf('=');
          if (equals < 1) {
            throw new IllegalArgumentException("--option is NAME=VALUE, not '%s'".formatted(value));
          }
          options.put(value.substring(0, equals), value.substring(equals + 1));
        }
        case "--listen", "--name", "--version", "--runtime", "--artifact", "--threads", "--stuck-timeout", "--join", "--advertise", "--token-file",
            "--grace" -> given.put(line.get(i), value);
        default -> throw new IllegalArgumentException("'%s' is no argument of a worker".formatted(line.get(i)));
      }
    }
    return new WorkerArguments(
        required(given, "--listen"),
        new ModelId(required(given, "--name"), given.getOrDefault("--version", "1")),
        required(given, "--runtime"),
        options,
        Optional.ofNullable(given.get("--artifact")).map(Path::of),
        wholeNumber(given, "--threads", 1),
        Optional.ofNullable(given.get("--stuck-timeout")).map(WorkerArguments::seconds).orElse(STUCK_TIMEOUT),
        Optional.ofNullable(given.get("--join")).map(node -> join(node, given)));
  }

  private static Join join(String node, Map<String, String> given) {
    return new Join(
        management(node),
        Optional.ofNullable(given.get("--advertise")),
        Optional.ofNullable(given.get("--token-file")).map(Path::of),
        Duration.ofSeconds(wholeNumber(given, "--grace", 5)));
  }

  /** One that a node starts. */
  WorkerArguments(String target, ModelId id, String kind, Map<String, String> options, Optional<Path> artifact, int threads) {
    this(target, id, kind, options, artifact, threads, STUCK_TIMEOUT, Optional.empty());
  }

  WorkerArguments listeningAt(String other) {
    return new WorkerArguments(other, id, kind, options, artifact, threads, stuckTimeout, join);
  }

  List<String> line() {
    List<String> line = new ArrayList<>(List.of("--listen", target, "--name", id.name(), "--version", id.version(), "--runtime", kind));
    artifact.ifPresent(path -> line.addAll(List.of("--artifact", path.toString())));
    line.addAll(List.of("--threads", Integer.toString(threads)));
    options.forEach((name, value) -> line.addAll(List.of("--option", name + "=" + value)));
    return line;
  }

  RuntimeSpec spec() {
    return kind.equals(ONNX) ? new RuntimeSpec.Onnx(Optional.ofNullable(options.get(DEVICE))) : new RuntimeSpec.PlugIn(kind, options);
  }

  private static URI management(String url) {
    String wrong = "--join is a node's management, such as http://node:1338, not '%s'".formatted(url);
    try {
      URI node = new URI(url);
      if (!List.of("http", "https").contains(String.valueOf(node.getScheme())) || node.getHost() == null) {
        throw new IllegalArgumentException(wrong);
      }
      return node;
    } catch (URISyntaxException noUri) {
      throw new IllegalArgumentException(wrong, noUri);
    }
  }

  private static Duration seconds(String text) {
    try {
      return Duration.ofMillis(new BigDecimal(text).scaleByPowerOfTen(3).longValueExact());
    } catch (ArithmeticException | NumberFormatException wrong) {
      throw new IllegalArgumentException("--stuck-timeout is seconds, such as 60 or 0.5, not '%s'".formatted(text), wrong);
    }
  }

  private static int wholeNumber(Map<String, String> given, String name, int otherwise) {
    String text = given.getOrDefault(name, Integer.toString(otherwise));
    try {
      return Integer.parseUnsignedInt(text);
    } catch (NumberFormatException wrong) {
      throw new IllegalArgumentException("%s is a whole number, not '%s'".formatted(name, text), wrong);
    }
  }

  private static String required(Map<String, String> given, String name) {
    String value = given.get(name);
    if (value == null) {
      throw new IllegalArgumentException(name + " is missing");
    }
    return value;
  }
}
