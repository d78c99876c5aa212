package io.clipper.model.runtime;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** How a model version is run; kept in the catalog, so it names nothing of a user's machine, unless its owner asked for just that. */
public sealed interface RuntimeSpec {
  /** Whether the model is in this JVM, and not behind a wire. */
  default boolean runsInProcess() {
    return this instanceof Onnx || this instanceof PlugIn;
  }

  /** Whether each query goes by itself to a server that gathers them. */
  default boolean passesThrough() {
    return switch (this) {
      case Endpoint endpoint -> endpoint.passThrough();
      case Command command -> command.passThrough();
      case Onnx onnx -> false;
      case Python python -> false;
      case Isolated isolated -> false;
      case PlugIn plugIn -> false;
      case Announced announced -> false;
    };
  }

  /** The machine that it cannot leave, as it needs what only that has. */
  default Optional<String> tiedTo() {
    return switch (this) {
      case Python python -> python.machine();
      case Command command -> command.machine();
      case Onnx onnx -> Optional.empty();
      case Isolated isolated -> Optional.empty();
      case Endpoint endpoint -> Optional.empty();
      case PlugIn plugIn -> Optional.empty();
      case Announced announced -> Optional.empty();
    };
  }

  /**
   * An ONNX file, run by ONNX Runtime in this JVM. The artifact is the file.
   *
   * @param device {@code cuda:N}, the node's GPU of that number; empty: its processor
   */
  record Onnx(Optional<String> device) implements RuntimeSpec {
    private static final Pattern DEVICE = Pattern.compile("cuda:[0-9]{1,2}");

    public Onnx {
      device = device.filter(given -> !given.equals("cpu"));
      device
          .filter(given -> !DEVICE.matcher(given).matches())
          .ifPresent(
              unknown -> {
                throw new IllegalArgumentException("a device is cpu or cuda:N, such as cuda:0, and not '%s'".formatted(unknown));
              });
    }

    /** On the node's processor. */
    public Onnx() {
      this(Optional.empty());
    }
  }

  /** Whether it is for a machine with a GPU. */
  default boolean wantsGpu() {
    return switch (this) {
      case Onnx onnx -> onnx.device().isPresent();
      case Isolated isolated -> isolated.model().wantsGpu();
      case Python python -> false;
      case Command command -> false;
      case Endpoint endpoint -> false;
      case PlugIn plugIn -> false;
      case Announced announced -> false;
    };
  }

  /**
   * A Python function in a process of its own. The artifact is a folder: its source and, where it needs packages, {@code
   * requirements.txt}.
   *
   * @param entry {@code FILE[:FUNCTION]} in the artifact
   * @param inputType one of the five short forms
   * @param interpreter a Python of one machine, which has all that the model needs: such a version cannot move to another
   * @param machine where the interpreter is
   */
  record Python(String entry, Optional<String> inputType, Optional<String> interpreter, WorkerOptions worker, Optional<String> machine)
      implements RuntimeSpec {}

  /**
   * A server of the Open Inference Protocol over gRPC that a node starts, watches and stops, by a command of one machine: such a version cannot
   * move to another.
   *
   * @param words the program and its arguments, with {@link Placeholders}, which also the values of its environment may have
   * @param directory where it is started, on that machine; empty: where the node was
   * @param model its name at that server; empty: the version's own
   * @param version its version there; empty: whichever that server has in use
   * @param inputType what the model takes, for a server that does not say
   * @param passThrough whether that server gathers batches, and each query goes to it alone
   * @param machine where the command is
   */
  record Command(
      List<String> words,
      Optional<String> directory,
      String model,
      String version,
      Optional<String> inputType,
      boolean passThrough,
      WorkerOptions worker,
      Optional<String> machine)
      implements RuntimeSpec {
    public Command {
      words = List.copyOf(words);
      if (words.isEmpty() || words.getFirst().isBlank()) {
        throw new IllegalArgumentException("a command names a program");
      }
      Placeholders.check(Stream.concat(words.stream(), worker.environment().values().stream()).toList());
    }

    public Command at(String where) {
      return new Command(words, directory, model, version, inputType, passThrough, worker, Optional.of(where));
    }
  }

  /** Whatever this JVM can run, in a JVM of its own: what crashes there, crashes alone. */
  record Isolated(RuntimeSpec model, WorkerOptions worker) implements RuntimeSpec {}

  /**
   * A model of a server that someone else runs.
   *
   * @param url {@code grpc://HOST:PORT} of a server of the Open Inference Protocol
   * @param model its name there
   * @param version its version there; empty: whichever that server has in use
   * @param inputType what the model takes, for a server that does not say
   * @param passThrough whether that server gathers batches, and each query goes to it alone
   */
  record Endpoint(String url, String model, String version, Optional<String> inputType, boolean passThrough) implements RuntimeSpec {}

  /** A kind that a third party's {@link RuntimeProvider} loads, with options of its own. */
  record PlugIn(String kind, Map<String, String> options) implements RuntimeSpec {
    public PlugIn {
      options = Map.copyOf(options);
    }
  }

  /** Nothing that a node starts: the version is known by name, and has replicas only when workers announce themselves. */
  record Announced() implements RuntimeSpec {}
}
