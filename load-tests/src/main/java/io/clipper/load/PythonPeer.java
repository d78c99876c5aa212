package io.clipper.load;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A server of Python models that others have written, with the digits' logistic regression of {@code bench/peers}.
 *
 * @param name of its requirements and its environment too
 * @param command the program in its environment, and its words; {@code PORT}, {@code GRPC} and {@code BATCH} stand for numbers
 * @param environment variables, with the same placeholders
 */
record PythonPeer(String name, List<String> command, Map<String, String> environment, DigitQuestion question) {
  static final Path FOLDER = Path.of("bench", "peers").toAbsolutePath();
  private static final Duration START = Duration.ofMinutes(2);
  private static final Duration LOOK = Duration.ofMillis(100);

  static final List<PythonPeer> ALL =
      List.of(
          new PythonPeer(
              "mlserver",
              List.of("mlserver", "start", "mlserver/BATCH"),
              Map.of(
                  "PYTHONPATH", FOLDER.toString(), "MLSERVER_HOST", "127.0.0.1", "MLSERVER_PARALLEL_WORKERS", "0", "MLSERVER_METRICS_ENDPOINT", "",
                  "MLSERVER_DEBUG", "false", "MLSERVER_HTTP_PORT", "PORT", "MLSERVER_GRPC_PORT", "GRPC"),
              new DigitQuestion(
                  "/v2/models/digits/infer",
                  "{\"inputs\":[{\"name\":\"x\",\"datatype\":\"FP64\",\"shape\":[1,64],\"data\":[%s]}]}",
                  Pattern.compile("\"data\":\\[(\\d)]"))),
          new PythonPeer("litserve", List.of("python", "litserve_digits.py", "PORT", "BATCH"), Map.of(), DigitQuestion.ofObject("/predict")),
          new PythonPeer(
              "bentoml",
              List.of("bentoml", "serve", "-q", "bentoml_digits:Digits", "--host", "127.0.0.1", "--port", "PORT"),
              Map.of("BATCH", "BATCH", "BENTOML_CONFIG_OPTIONS", "api_server.logging.access.enabled=false", "BENTOML_DO_NOT_TRACK", "True"),
              new DigitQuestion("/predict", "{\"input\":[[%s]]}", Pattern.compile("\\[(\\d)]"))),
          new PythonPeer(
              "ray",
              List.of("python", "ray_digits.py", "PORT", "BATCH"),
              Map.of("RAY_USAGE_STATS_ENABLED", "0"),
              DigitQuestion.ofObject("/predict")));

  /** One that answers. */
  record Running(Process process, InetSocketAddress address) implements AutoCloseable {
    /** It and all that it has started are gone then. */
    @Override
    public void close() {
      List<ProcessHandle> family = Stream.concat(process.descendants(), Stream.of(process.toHandle())).toList();
      family.forEach(ProcessHandle::destroyForcibly);
      family.forEach(member -> member.onExit().join());
    }
  }

  /** Blocks until it answers; what it says is in a file of the folder. */
  Running start(int batch, Path folder) throws IOException, InterruptedException {
    List<Integer> ports = FixedPorts.free(2);
    Path programs = Virtualenv.programs(name, FOLDER.resolve("requirements").resolve(name + ".txt"));
    List<String> words = new ArrayList<>();
    words.add(programs.resolve(command.getFirst()).toString());
    command.stream().skip(1).map(word -> filled(word, ports, batch)).forEach(words::add);
    Path log = folder.resolve("%s-%d.log".formatted(name, batch));
    ProcessBuilder builder = new ProcessBuilder(words).directory(FOLDER.toFile()).redirectErrorStream(true).redirectOutput(log.toFile());
    environment.forEach((variable, value) -> builder.environment().put(variable, filled(value, ports, batch)));
    Running running = new Running(builder.start(), new InetSocketAddress(InetAddress.getLoopbackAddress(), ports.getFirst()));
    long giveUpAt = System.nanoTime() + START.toNanos();
    while (!answers(running.address())) {
      if (!running.process().isAlive() || System.nanoTime() > giveUpAt) {
        running.close();
        throw new IOException("%s does not answer:%n%s".formatted(name, Files.readString(log)));
      }
      TimeUnit.NANOSECONDS.sleep(LOOK.toNanos());
    }
    return running;
  }

  private boolean answers(InetSocketAddress address) {
    try (HttpConnection connection = new HttpConnection(address)) {
      return connection.post(question.path(), question.body().formatted("0,".repeat(63) + "0")).isOk();
    } catch (IOException notYet) {
      return false;
    }
  }

  private static String filled(String word, List<Integer> ports, int batch) {
    return word.replace("PORT", ports.get(0).toString()).replace("GRPC", ports.get(1).toString()).replace("BATCH", Integer.toString(batch));
  }
}
