package io.clipper.load;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.lang.management.ManagementFactory;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** A {@link LoadNode} that runs: a JVM like this one, with the options that {@code ./clipper up} gives it. */
final class NodeProcess implements AutoCloseable {
  static final List<String> FLAGS =
      List.of(
          "--enable-native-access=ALL-UNNAMED",
          "-Dsun.misc.unsafe.memory.access=allow",
          "-Xms64m",
          "-Xmx512m",
          "-XX:+UseParallelGC",
          "-XX:MaxNewSize=64m",
          "-XX:MetaspaceSize=160m",
          "-XX:SweeperThreshold=60");

  /** Of a test, whose nodes do not live for as long as the second one takes. */
  private static final String FIRST_COMPILER = "-XX:TieredStopAtLevel=1";

  /** The release that knows the flag. */
  private static final int TRIMS_FROM = 24;

  private final Process process;
  private final BufferedReader answers;
  private final Writer words;
  private final String host;
  private final int queryPort;
  private final int adminPort;
  private final int grpcPort;

  private NodeProcess(Process process, BufferedReader answers, String host, int queryPort, int adminPort, int grpcPort) {
    this.process = process;
    this.answers = answers;
    this.words = process.outputWriter(StandardCharsets.UTF_8);
    this.host = host;
    this.queryPort = queryPort;
    this.adminPort = adminPort;
    this.grpcPort = grpcPort;
  }

  /** Starts it and waits until it serves; what it logs is {@code node.log} in the folder. */
  static NodeProcess start(Path data, Served... served) throws IOException {
    return start(data, Arrays.stream(served).map(Served::word).toList());
  }

  /** The same on a database that is named by its URL. */
  static NodeProcess start(Path data, Optional<String> jdbcUrl, Served... served) throws IOException {
    return start(data, Stream.concat(jdbcUrl.stream(), Arrays.stream(served).map(Served::word)).toList());
  }

  static NodeProcess startBundled(Path data) throws IOException {
    return start(data, List.of(LoadNode.BUNDLED));
  }

  /** One of a cluster. */
  static NodeProcess start(Path data, ClusterWords cluster, Served... served) throws IOException {
    return start(data, List.of(), cluster, served);
  }

  /** @param launcher what the command line begins with, as what runs the rest in another network */
  static NodeProcess start(Path data, List<String> launcher, ClusterWords cluster, Served... served) throws IOException {
    List<String> words = new ArrayList<>(cluster.words());
    Arrays.stream(served).map(Served::word).forEach(words::add);
    return start(data, launcher, cluster.host().orElse("127.0.0.1"), words);
  }

  static NodeProcess startTensors(Path data, ServedTensors... served) throws IOException {
    return start(data, Arrays.stream(served).map(ServedTensors::word).toList());
  }

  private static NodeProcess start(Path data, List<String> words) throws IOException {
    return start(data, List.of(), "127.0.0.1", words);
  }

  private static NodeProcess start(Path data, List<String> launcher, String host, List<String> words) throws IOException {
    List<String> command = new ArrayList<>(launcher);
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(FLAGS);
    ManagementFactory.getRuntimeMXBean().getInputArguments().stream().filter(FIRST_COMPILER::equals).forEach(command::add);
    if (Runtime.version().feature() >= TRIMS_FROM) {
      command.add("-XX:TrimNativeHeapInterval=10000");
    }
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), LoadNode.class.getName(), data.toString()));
    command.addAll(words);
    Path log = Files.createDirectories(data).resolve("node.log");
    ProcessBuilder builder = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()));
    builder.environment().put("ORT_DISABLE_TELEMETRY", "1");
    Process process = builder.start();
    BufferedReader answers = process.inputReader(StandardCharsets.UTF_8);
    try {
      String line = answers.readLine();
      if (line == null || !line.startsWith(LoadNode.READY + " ")) {
        throw new IOException("the node did not start: %s%n%s".formatted(line, Files.readString(log)));
      }
      String[] ports = line.split(" ", -1);
      return new NodeProcess(process, answers, host, Integer.parseInt(ports[1]), Integer.parseInt(ports[2]), Integer.parseInt(ports[3]));
    } catch (IOException | RuntimeException failed) {
      process.destroyForcibly();
      throw failed;
    }
  }

  long pid() {
    return process.pid();
  }

  InetSocketAddress queryAddress() {
    return new InetSocketAddress(host, queryPort);
  }

  InetSocketAddress adminAddress() {
    return new InetSocketAddress(host, adminPort);
  }

  InetSocketAddress grpcAddress() {
    return new InetSocketAddress(host, grpcPort);
  }

  /** Of memory, as Linux counts it. */
  double residentMegabytes() throws IOException {
    return Files.readAllLines(Path.of("/proc/" + pid() + "/status")).stream()
        .filter(line -> line.startsWith("VmRSS:"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
        .findFirst()
        .orElseThrow()
        / 1024.0;
  }

  /** Of all its threads since it started. */
  Duration processorTime() throws IOException {
    return processorTimeOf(process.toHandle());
  }

  static Duration processorTimeOf(ProcessHandle process) throws IOException {
    return process.info().totalCpuDuration().orElseThrow(() -> new IOException("the system does not say how long a process has run on processors"));
  }

  /** What the node says of itself. */
  long ask(String word) throws IOException {
    return Long.parseLong(say(word));
  }

  LiveEntities live() throws IOException {
    return LiveEntities.parse(say(LoadNode.LIVE));
  }

  /** The address of the oldest of its cluster, as it sees it; empty where it sees none. */
  String oldest() throws IOException {
    return say(LoadNode.OLDEST);
  }

  private synchronized String say(String word) throws IOException {
    words.write(word + "\n");
    words.flush();
    String answer = answers.readLine();
    if (answer == null) {
      throw new IOException("the node is gone");
    }
    return answer;
  }

  /** Sends it a signal by name, such as {@code STOP}. */
  void signal(String name) throws IOException, InterruptedException {
    int code = new ProcessBuilder("kill", "-" + name, Long.toString(pid())).inheritIO().start().waitFor();
    if (code != 0) {
      throw new IOException("kill -%s %d ended with %d".formatted(name, pid(), code));
    }
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /** {@code kill -9}. */
  void kill() {
    process.destroyForcibly();
    // The next life needs the folder's lock: it is free when the process is gone, whatever interrupts this one.
    process.onExit().join();
  }

  /** The signal on which it drains; returns when it is gone. */
  void stop() throws IOException, InterruptedException {
    // Not destroy(), which closes its standard input too, and with that ends it at once.
    signal("TERM");
    awaitEnd();
  }

  void awaitEnd() {
    process.onExit().join();
  }

  @Override
  public void close() {
    kill();
  }

  /** A folder for a node, gone afterwards. */
  static void deleteTree(Path folder) {
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path path : all.sorted((a, b) -> b.compareTo(a)).toList()) {
        Files.deleteIfExists(path);
      }
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }
}
