package io.clipper.node.peers;

import static org.assertj.core.api.Assertions.assertThat;

import io.clipper.node.ClipperNode;
import io.clipper.node.TestNodes;
import io.clipper.node.command.ClipperCommand;
import io.clipper.node.terminal.Terminal;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What torch makes, served from an environment that has it: apart, as its wheels are some gigabytes. */
@Tag("peers")
class TorchTest {
  private static final Path TORCH = Path.of("src", "test", "python", "torch");
  private static final Duration PATIENCE = Duration.ofMinutes(1);

  private record Said(int exit, String out, String err) {}

  @TempDir private static Path data;
  private static PythonEnvironment environment;
  private static ClipperNode node;

  @BeforeAll
  static void start() {
    environment = PythonEnvironment.of(TORCH.resolve("requirements.txt"));
    node = TestNodes.start(data);
  }

  @AfterAll
  static void stop() {
    node.close();
  }

  @Test
  void aTorchScriptFileIsDeployedAsItIs() {
    Path module = data.resolve("doubled.pt");
    environment.program("python").with(TORCH.resolve("make_model.py").toString(), module.toString()).demand(Path.of("."), PATIENCE);

    Said deployed = run("deploy doubled %s --venv %s --threads 3 --app doubled --slo 20s".formatted(module, environment.folder()));

    assertThat(deployed.exit()).as("%s", deployed).isZero();
    assertThat(run("predict doubled --input [1.5,-2]").out()).startsWith("[3.0,-4.0]\n");
    assertThat(run("status").out()).contains("doubled:1");
  }

  @Test
  void whatIsNoTorchScriptSaysSo() throws IOException {
    Path state = Files.writeString(data.resolve("state.pt"), "weights without code");

    Said refused = run("deploy state %s --venv %s".formatted(state, environment.folder()));

    assertThat(refused.exit()).isEqualTo(1);
    assertThat(refused.err()).contains("'state.pt' is no TorchScript module");
  }

  @Test
  void torchComputesWithTheBudgetWhateverItsModelHasSet() {
    Said deployed =
        run("deploy threads %s --venv %s --threads 3 --app threads --slo 20s --input-type floats".formatted(TORCH.resolve("threads.py"), environment.folder()));

    assertThat(deployed.exit()).as("%s", deployed).isZero();
    assertThat(run("predict threads 1").out()).startsWith("3\n");
  }

  /** No variable of the environment says it here. */
  @Test
  void aTorchScriptFileIsLoadedWithinTheBudget() {
    Path module = data.resolve("again.pt");
    environment.program("python").with(TORCH.resolve("make_model.py").toString(), module.toString()).demand(Path.of("."), PATIENCE);
    String script =
        "import sys, torch; from clipper_worker.sources import torchscript; from pathlib import Path; "
            + "torch.set_num_threads(7); torchscript.load(Path(sys.argv[1]), None, 3); print(torch.get_num_threads())";

    String said =
        environment
            .program("python")
            .with("-B", "-W", "ignore", "-c", script, module.toString())
            .in("PYTHONPATH", Path.of("..", "model-worker", "python").toAbsolutePath().toString())
            .demand(Path.of("."), PATIENCE);

    assertThat(said).isEqualTo("3\n");
  }

  private static Said run(String words) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    List<String> all = new ArrayList<>(List.of(words.split(" ", -1)));
    String host = "http://127.0.0.1:";
    all.addAll(List.of("--admin", host + node.adminAddress().getPort(), "--query", host + node.queryAddress().getPort()));
    int exit = ClipperCommand.line(new Terminal(new PrintWriter(out, true), new PrintWriter(err, true), false)).execute(all.toArray(String[]::new));
    return new Said(exit, out.toString(), err.toString());
  }
}
