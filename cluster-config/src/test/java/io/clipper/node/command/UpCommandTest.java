package io.clipper.node.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.clipper.node.terminal.Terminal;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntSupplier;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class UpCommandTest {
  private final List<NodeOptions> started = new ArrayList<>();
  private final StringWriter err = new StringWriter();

  @Test
  void withoutOptionsANodeListensOnLoopbackWithTheBundledApplication() {
    assertThat(up()).isEqualTo(42);
    NodeOptions options = started.getFirst();
    assertThat(options.host()).isEqualTo("127.0.0.1");
    assertThat(options.httpPort()).isEmpty();
    assertThat(options.data()).isEqualTo(Path.of(System.getProperty("clipper.home", "."), "data"));
    assertThat(options.quickstart()).isTrue();
    assertThat(options.insecure()).isFalse();
  }

  @Test
  void everyOptionReachesTheStarter() {
    up(
        ("--data d --http-port 1 --admin-port 2 --grpc-port 3 --cluster-port 0 --host 0.0.0.0 --advertise me --token-file t --tls k"
                + " --insecure --models m --config c --jdbc jdbc:x --join a:1,b:2 --roles gateway,replica --no-quickstart")
            .split(" "));
    assertThat(started)
        .containsExactly(
            new NodeOptions(
                Path.of("d"),
                Optional.of(1),
                Optional.of(2),
                Optional.of(3),
                Optional.of(0),
                "0.0.0.0",
                Optional.of("me"),
                Optional.of(Path.of("t")),
                Optional.of(Path.of("k")),
                true,
                Optional.of(Path.of("m")),
                Optional.of(Path.of("c")),
                Optional.of("jdbc:x"),
                List.of(new HostPort("a", 1), new HostPort("b", 2)),
                Set.of("gateway", "replica"),
                false,
                Optional.empty()));
  }

  @Test
  void aNodeThatJoinsTakesPortsThatAreFreeAndAFolderOfItsOwn() throws IOException {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      up("--join", "127.0.0.1:" + taken.getLocalPort(), "--admin-port", "7");
    }
    NodeOptions options = started.getFirst();

    assertThat(options.adminPort()).contains(7);
    assertThat(List.of(options.httpPort().orElseThrow(), options.grpcPort().orElseThrow(), options.clusterPort().orElseThrow())).doesNotHaveDuplicates();
    assertThat(options.data().getFileName()).hasToString("data-" + options.clusterPort().orElseThrow());
  }

  @Test
  void nodesThatJoinAtOnceTakeOtherPortsAndFolders() {
    join(() -> join(() -> 0));

    List<Integer> ports =
        started.stream().flatMap(node -> Stream.of(node.httpPort(), node.adminPort(), node.grpcPort(), node.clusterPort())).flatMap(Optional::stream).toList();
    assertThat(ports).hasSize(8).doesNotHaveDuplicates();
    assertThat(started).extracting(NodeOptions::data).doesNotHaveDuplicates();
  }

  @Test
  void aPortThatWasGivenIsNotAlsoChosen() {
    up("--join", "127.0.0.1:25520", "--admin-port", "1337", "--cluster-port", "1339");
    NodeOptions options = started.getFirst();

    assertThat(options.adminPort()).contains(1337);
    assertThat(options.httpPort().orElseThrow()).isGreaterThan(1337);
    assertThat(options.grpcPort().orElseThrow()).isGreaterThan(1339);
  }

  /** Else a node would join itself, and keep the port from whoever it was to join. */
  @Test
  void thePortOfANodeToJoinIsNotChosenThoughItIsFree() {
    up("--join", "localhost:25520,nowhere.invalid:25521");
    int chosen = started.getFirst().clusterPort().orElseThrow();

    assertThat(chosen).isGreaterThan(25520);
  }

  @Test
  void aNodeThatFindsOthersTakesPortsAndAFolderAsOneThatIsToldOfThem() {
    up("--discovery", "dns:localhost:7000", "--advertise", "192.0.2.1");
    NodeOptions options = started.getFirst();

    assertThat(options.join()).contains(new HostPort("127.0.0.1", 7000));
    assertThat(options.discovery().map(Supplier::get)).as("asked again").contains(options.join());
    assertThat(options.httpPort()).isPresent();
    assertThat(options.data().getFileName()).hasToString("data-" + options.clusterPort().orElseThrow());
  }

  @Test
  void aPortThatIsNoneIsWrongUsageAndNothingStarts() {
    assertThat(up("--http-port", "70000")).isEqualTo(2);
    assertThat(up("--join", "nowhere")).isEqualTo(2);
    assertThat(started).isEmpty();
    assertThat(err.toString()).contains("--http-port 70000 is outside 0..65535", "'nowhere' is not HOST:PORT");
  }

  @Test
  void theHelpNamesTheRolesAndWhoHasWhich() {
    Terminal terminal = new Terminal(new PrintWriter(new StringWriter()), new PrintWriter(err, true), false);
    CommandLine up = Objects.requireNonNull(ClipperCommand.line(terminal, new UpCommand(chosen -> 42)).getSubcommands().get("up"));
    String help = up.getUsageMessage();

    assertThat(help.replaceAll("\\s+", " "))
        .contains("gateway takes queries, application keeps state, replica runs models")
        .contains("(default: all three; of a node that joins without --jdbc: gateway,replica)");
  }

  /** @param meanwhile before it has opened anything */
  private int join(IntSupplier meanwhile) {
    return run(
        chosen -> {
          started.add(chosen);
          return meanwhile.getAsInt();
        },
        "--join",
        "127.0.0.1:1");
  }

  private int up(String... options) {
    return run(
        chosen -> {
          started.add(chosen);
          return 42;
        },
        options);
  }

  private int run(NodeStarter starter, String... options) {
    List<String> words = new ArrayList<>(List.of("up"));
    words.addAll(List.of(options));
    Terminal terminal = new Terminal(new PrintWriter(new StringWriter()), new PrintWriter(err, true), false);
    return ClipperCommand.line(terminal, new UpCommand(starter)).execute(words.toArray(String[]::new));
  }
}
