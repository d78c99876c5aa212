package io.clipper.node;

import static java.util.concurrent.TimeUnit.MINUTES;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A node's process that cannot have what it is told to use: what its console shows, and what it exits with. */
class StartRefusedTest {
  @TempDir private Path folder = Path.of("");

  @ParameterizedTest
  @ValueSource(strings = {"--admin-port", "--grpc-port"})
  void aPortInUseIsOneLineThatNamesTheOption(String option) throws Exception {
    try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Path console = folder.resolve("console.txt");
      Process node = up(console, option, Integer.toString(other.getLocalPort()));
      try {
        assertThat(node.waitFor(2, MINUTES)).as("the node has ended").isTrue();
      } finally {
        node.destroyForcibly();
      }

      assertThat(Files.readAllLines(console))
          .containsExactly("clipper: port %d of 127.0.0.1 is in use: choose another with %s".formatted(other.getLocalPort(), option));
      assertThat(node.exitValue()).isEqualTo(1);
    }
  }

  /** As {@code ./clipper up} starts it, with all that it says in one file. */
  private Process up(Path console, String option, String port) throws IOException {
    List<String> command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "--enable-native-access=ALL-UNNAMED"));
    if (Runtime.version().feature() >= 24) {
      command.add("--sun-misc-unsafe-memory-access=allow");
    }
    command.addAll(
        List.of(
            "-XX:TieredStopAtLevel=1", "-cp", System.getProperty("java.class.path"), Main.class.getName(), "up", "--no-quickstart", "--data",
            folder.resolve("data").toString()));
    for (String each : List.of("--http-port", "--admin-port", "--grpc-port", "--cluster-port")) {
      command.addAll(List.of(each, each.equals(option) ? port : "0"));
    }
    return new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(console.toFile()).start();
  }
}
