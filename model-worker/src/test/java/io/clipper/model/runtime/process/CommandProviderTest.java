package io.clipper.model.runtime.process;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.clipper.model.Input;
import io.clipper.model.ModelId;
import io.clipper.model.Output;
import io.clipper.model.runtime.CopyLostException;
import io.clipper.model.runtime.ModelLoadException;
import io.clipper.model.runtime.ModelRuntime;
import io.clipper.model.runtime.RuntimeSpec;
import io.clipper.model.runtime.Runtimes;
import io.clipper.model.runtime.ThreadBudget;
import io.clipper.model.runtime.WorkerOptions;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CommandProviderTest {
  private static final ModelId ID = new ModelId("m", "7");
  /** Leaves a process behind that has left the session and said who it is, and goes on as the command behind it. */
  private static final String LEAVES_ANOTHER =
      "setsid sh -c 'echo $$ > other.tmp; mv other.tmp other; exec sleep 600' & while [ ! -e other ]; do :; done; exec \"$@\"";

  /** No server is checked, or it could be lost for another reason than what the test does to it. */
  private static final Duration NO_CHECK = Duration.ofMinutes(10);

  @TempDir private Path data = Path.of("");
  @TempDir private Path directory = Path.of("");
  private Workers workers;
  private Runtimes runtimes;

  @BeforeEach
  void open() {
    start(Duration.ofSeconds(60));
  }

  @AfterEach
  void end() throws Exception {
    workers.end().toCompletableFuture().get(60, SECONDS);
  }

  @Test
  void aServerIsAskedAtItsSocketAndEndsWithItsRuntimeAndAllThatItHasStarted() throws Exception {
    List<String> command = new ArrayList<>(List.of("sh", "-c", LEAVES_ANOTHER, "sh"));
    command.addAll(SomeServer.command("unix:{socket}", "{name}", "{version}"));
    ModelRuntime runtime = load(command, Map.of());
    ProcessHandle server = processOf(runtime);
    ProcessHandle other = ProcessHandle.of(Long.parseLong(Files.readString(directory.resolve("other")).strip())).orElseThrow();

    assertThat(get(runtime.predict(List.of(Input.doubles(1), Input.doubles(2))))).containsExactly(Output.of(1.0), Output.of(2.0));
    assertThat(other.isAlive()).isTrue();
    assertThat(listed()).isNotEmpty();

    runtime.close();

    assertThat(server.onExit().get(60, SECONDS).isAlive()).isFalse();
    assertThat(other.onExit().get(60, SECONDS).isAlive()).isFalse();
    assertThat(get(runtime.lost())).hasMessageContaining("ended with status 143");
    assertThat(listed()).isEmpty();
  }

  @Test
  void aServerThatIsKilledLosesItsBatchAndSaysHow() throws Exception {
    ModelRuntime runtime = load(SomeServer.command("127.0.0.1:{port}", "{name}", "{version}"), Map.of());
    ProcessHandle server = processOf(runtime);
    CompletionStage<List<Output>> held = runtime.predict(List.of(Input.doubles(FaultyModels.HANGS)));

    server.destroyForcibly();

    assertThatThrownBy(() -> get(held)).hasCauseInstanceOf(CopyLostException.class);
    assertThat(get(runtime.lost())).hasMessageContaining("status 137");
    runtime.close();
  }

  @Test
  void aCommandThatEndsAtOnceSaysWhyInItsOwnWordsAndLeavesNothing() throws Exception {
    assertThatThrownBy(() -> load(List.of("sh", "-c", "echo \"$NOTE at $1\" >&2; exit 3", "sh", "{name}:{version}"), Map.of("NOTE", "no weights", "PORT", "{port}")))
        .isInstanceOf(ModelLoadException.class)
        .hasMessage("the worker ended with status 3: no weights at m:7");
    assertThat(listed()).isEmpty();
  }

  @Test
  void aCommandThatServesNothingIsEndedWhenItsTimeIsOver() throws Exception {
    end();
    start(Duration.ofSeconds(5));

    assertThatThrownBy(() -> load(List.of("sh", "-c", "echo $$ > other.tmp; mv other.tmp other; exec sleep 600", "sh", "{port}"), Map.of()))
        .isInstanceOf(ModelLoadException.class)
        .hasMessageContaining("the worker is not ready after PT5S");

    Optional<ProcessHandle> sleeper = ProcessHandle.of(Long.parseLong(Files.readString(directory.resolve("other")).strip()));
    if (sleeper.isPresent()) {
      assertThat(sleeper.get().onExit().get(60, SECONDS).isAlive()).isFalse();
    }
  }

  @Test
  void whatIsNotOnTheMachineIsSaidBeforeAnythingIsStarted() throws Exception {
    assertThatThrownBy(() -> load(List.of("my-server", "{port}"), Map.of("PATH", "/nowhere")))
        .hasMessage("there is no program 'my-server' on the node's machine, in none of its PATH '/nowhere'");
    assertThatThrownBy(() -> load(List.of("bin/serve", "{port}"), Map.of()))
        .hasMessage("there is no program 'bin/serve' on the node's machine, seen from '%s'".formatted(directory));
    directory = directory.resolve("gone");
    assertThatThrownBy(() -> load(List.of("sh", "{port}"), Map.of()))
        .hasMessage("there is no folder '%s' on the node's machine to start the command in".formatted(directory));
    assertThat(listed()).isEmpty();
  }

  @Test
  void portsAreAllDifferentButTheOneThatIsAsked() throws Exception {
    RuntimeSpec.Command command = spec(List.of("sh", "{port}", "{free-port}", "{port}", "{threads}"), Map.of("OTHER", "{free-port}"));

    ServerCommand server = ServerCommand.of(command, ID, 3, Path.of("/s"));

    String asked = server.words().get(1);
    assertThat(server.target()).isEqualTo("127.0.0.1:" + asked);
    assertThat(server.words()).element(3).isEqualTo(asked);
    assertThat(List.of(asked, server.words().get(2), String.valueOf(server.environment().get("OTHER")))).doesNotHaveDuplicates();
    assertThat(server.words().getLast()).isEqualTo("3");
  }

  @Test
  void aCommandWhoseNodeIsGoneIsAskedToEndAndThenMadeTo() throws Exception {
    for (String asked : List.of("echo up; exec sleep 600", "trap '' TERM; echo up; sleep 600; sleep 600")) {
      boolean isDeaf = asked.startsWith("trap");
      ProcessBuilder builder = new ProcessBuilder(Supervision.of(List.of("sh", "-c", asked), Duration.ofSeconds(isDeaf ? 1 : 30)));
      Mark mark = Mark.fresh();
      mark.into(builder.environment());
      Process supervised = builder.start();

      assertThat(supervised.inputReader(StandardCharsets.UTF_8).readLine()).isEqualTo("up");
      supervised.getOutputStream().close();

      assertThat(supervised.waitFor(60, SECONDS)).isTrue();
      assertThat(supervised.exitValue()).isEqualTo(isDeaf ? 137 : 143);
      for (ProcessHandle left : mark.bearers()) {
        assertThat(left.onExit().get(60, SECONDS).isAlive()).isFalse();
      }
    }
  }

  private void start(Duration startTimeout) {
    WorkerSettings settings =
        new WorkerSettings(
            startTimeout, NO_CHECK, Duration.ofSeconds(2), 2, Duration.ofMinutes(1), Duration.ofSeconds(30), "python3", Duration.ofMinutes(1),
            Duration.ofDays(1));
    workers = Workers.open(data, settings);
    runtimes = Runtimes.found(new ThreadBudget(1)).with(workers.providers());
  }

  private ModelRuntime load(List<String> words, Map<String, String> environment) throws ModelLoadException {
    return runtimes.load(ID, spec(words, environment), Optional.empty());
  }

  private RuntimeSpec.Command spec(List<String> words, Map<String, String> environment) {
    WorkerOptions worker = new WorkerOptions(environment, Optional.empty(), Optional.empty());
    return new RuntimeSpec.Command(words, Optional.of(directory.toString()), "", "", Optional.empty(), false, worker, Optional.empty());
  }

  private String listed() throws IOException {
    return Files.readString(data.resolve("workers"));
  }

  private static ProcessHandle processOf(ModelRuntime runtime) throws Exception {
    double pid = get(runtime.predict(List.of(Input.doubles(FaultyModels.WHO)))).getFirst().number().orElseThrow();
    return ProcessHandle.of((long) pid).orElseThrow();
  }

  private static <T> T get(CompletionStage<T> stage) throws Exception {
    return stage.toCompletableFuture().get(60, SECONDS);
  }
}
