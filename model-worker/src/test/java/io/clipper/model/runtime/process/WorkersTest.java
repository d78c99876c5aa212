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
import io.clipper.model.runtime.oip.OipModelRuntime;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each test starts JVMs of its own and does to them what happens to processes. */
class WorkersTest {
  private static final ModelId ID = new ModelId("faulty", "1");
  private static final Duration OFTEN = Duration.ofMillis(100);
  /** No worker is checked, or it could be lost for another reason than what the test does to it. */
  private static final WorkerSettings UNCHECKED = settings(Duration.ofMinutes(10), Duration.ofSeconds(10), Duration.ofMinutes(1));
  /** For a worker that no check may find slow. */
  private static final WorkerSettings PATIENT = settings(OFTEN, Duration.ofSeconds(10), Duration.ofMinutes(1));
  /** What does not answer within some six seconds counts as hung. */
  private static final WorkerSettings IMPATIENT = settings(OFTEN, Duration.ofSeconds(3), Duration.ofMinutes(1));
  /** What has not returned a batch for six seconds counts as stuck. */
  private static final WorkerSettings STRICT = settings(OFTEN, Duration.ofSeconds(10), Duration.ofSeconds(6));

  @TempDir private Path data = Path.of("");
  private Workers workers;
  private Runtimes runtimes;

  @BeforeEach
  void open() {
    open(UNCHECKED);
  }

  private void open(WorkerSettings settings) {
    workers = Workers.open(data, settings);
    runtimes = Runtimes.found(new ThreadBudget(1)).with(workers.providers());
  }

  @AfterEach
  void end() throws Exception {
    get(workers.end());
  }

  @Test
  void aModelRunsInAProcessOfItsOwnThatEndsWithItsRuntime() throws Exception {
    ModelRuntime runtime = load(FaultyModels.spec(), WorkerOptions.DEFAULT);
    ProcessHandle worker = processOf(runtime);

    assertThat(worker.pid()).isNotEqualTo(ProcessHandle.current().pid());
    assertThat(get(runtime.predict(List.of(Input.doubles(1), Input.doubles(2, 3))))).containsExactly(Output.of(1.0), Output.of(2.0));
    assertThat(listed()).contains(Long.toString(worker.pid()));

    runtime.close();

    worker.onExit().get(60, SECONDS);
    assertThat(runtime.lost().toCompletableFuture().get(60, SECONDS)).hasMessageContaining("ended with status");
    assertThat(listed()).isEmpty();
  }

  @Test
  void aWorkerThatDiesLosesItsBatchAndSaysHow() throws Exception {
    ModelRuntime runtime = load(FaultyModels.spec(), WorkerOptions.DEFAULT);

    CompletionStage<List<Output>> held = runtime.predict(List.of(Input.doubles(FaultyModels.KILLS)));

    assertThatThrownBy(() -> get(held)).hasCauseInstanceOf(CopyLostException.class);
    assertThat(lost(runtime)).hasMessageContaining("the worker ended with status 42");
    runtime.close();
  }

  @Test
  void aWorkerThatIsKilledUnderABatchLosesIt() throws Exception {
    ModelRuntime runtime = load(FaultyModels.spec(), WorkerOptions.DEFAULT);
    ProcessHandle worker = processOf(runtime);
    CompletionStage<List<Output>> held = runtime.predict(List.of(Input.doubles(FaultyModels.HANGS)));

    worker.destroyForcibly();

    assertThatThrownBy(() -> get(held)).hasCauseInstanceOf(CopyLostException.class);
    assertThat(lost(runtime)).hasMessageContaining("status 137");
    runtime.close();
  }

  @Test
  void aWorkerThatIsStoppedCountsAsHungAndIsEnded() throws Exception {
    reopen(IMPATIENT);
    ModelRuntime runtime = load(FaultyModels.spec(), WorkerOptions.DEFAULT);
    ProcessHandle worker = processOf(runtime);
    signal("STOP", worker);

    assertThat(lost(runtime)).hasMessageContaining("2 health checks");
    assertThat(worker.onExit().get(60, SECONDS).isAlive()).isFalse();
    runtime.close();
  }

  @Test
  void aBatchThatTakesLongIsNoReasonToEndItsWorker() throws Exception {
    reopen(IMPATIENT);
    ModelRuntime runtime = load(FaultyModels.spec(), WorkerOptions.DEFAULT);

    CompletionStage<List<Output>> held = runtime.predict(List.of(Input.doubles(FaultyModels.HANGS)), Duration.ofSeconds(8));

    assertThatThrownBy(() -> get(held)).hasMessageContaining("deadline");
    assertThat(get(runtime.predict(List.of(Input.doubles(1))))).containsExactly(Output.of(1.0));
    runtime.close();
  }

  @Test
  void aWorkerWhoseModelReturnsNothingIsEnded() throws Exception {
    reopen(STRICT);
    ModelRuntime runtime = load(FaultyModels.spec(), WorkerOptions.DEFAULT);
    ProcessHandle worker = processOf(runtime);

    // Nobody waits for it any more when it counts as stuck.
    CompletionStage<List<Output>> late = runtime.predict(List.of(Input.doubles(FaultyModels.HANGS)), Duration.ofSeconds(2));

    assertThatThrownBy(() -> get(late)).hasMessageContaining("deadline");
    assertThat(lost(runtime)).hasMessage("the worker has not returned a batch for 6 s");
    assertThat(worker.onExit().get(60, SECONDS).isAlive()).isFalse();
    runtime.close();
  }

  @Test
  void aWorkerThatOutgrowsItsMemoryIsEnded() throws Exception {
    reopen(PATIENT);
    ModelRuntime runtime = load(FaultyModels.spec(), new WorkerOptions(Map.of(), Optional.empty(), Optional.of(250L << 20)));

    CompletionStage<?> leak = runtime.predict(List.of(Input.doubles(FaultyModels.LEAKS)));

    assertThat(lost(runtime)).hasMessageContaining("more than its 250 MiB");
    leak.handle((outputs, failure) -> outputs).toCompletableFuture().get(60, SECONDS);
    runtime.close();
  }

  @Test
  void garbageFailsItsBatchAndTheWorkerLivesOn() throws Exception {
    ModelRuntime runtime = load(FaultyModels.spec(), WorkerOptions.DEFAULT);

    assertThatThrownBy(() -> get(runtime.predict(List.of(Input.doubles(FaultyModels.GARBAGE))))).hasMessageContaining("for a batch of 1");
    assertThat(get(runtime.predict(List.of(Input.doubles(1))))).containsExactly(Output.of(1.0));
    runtime.close();
  }

  @Test
  void aWorkerThatRefusesToStartSaysWhyAndLeavesNothing() throws Exception {
    assertThatThrownBy(() -> load(FaultyModels.refusing("weights are missing"), WorkerOptions.DEFAULT))
        .isInstanceOf(ModelLoadException.class)
        .hasMessage("the worker ended with status 1: weights are missing");
    assertThat(listed()).isEmpty();
  }

  @Test
  void aWorkerWhoseNodeIsGoneEndsAlsoWhileItLoads() throws Exception {
    List<String> command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-XX:TieredStopAtLevel=1", "-cp"));
    command.addAll(List.of(System.getProperty("java.class.path"), WorkerMain.class.getName()));
    command.addAll(List.of("--listen", "127.0.0.1:0", "--name", "m", "--version", "1", "--runtime", "faulty", "--option", "hang=for ever"));
    Process worker = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    try (BufferedReader says = worker.inputReader()) {
      assertThat(says.readLine()).isEqualTo(FaultyModels.BEGUN);

      worker.getOutputStream().close();

      assertThat(worker.waitFor(20, SECONDS)).isTrue();
      assertThat(worker.exitValue()).isZero();
    } finally {
      worker.destroyForcibly();
    }
  }

  @Test
  void aWorkerIsEndedWhateverItsStartFailsBy() throws Exception {
    List<ProcessHandle> before = ProcessHandle.current().children().toList();
    ServerCommand server = new ServerCommand(List.of("sleep", "600"), Map.of(), Optional.empty(), "unix:/nowhere");

    assertThatThrownBy(() -> workers.start(ID, server, Optional.empty(), patience -> unforeseen())).hasMessage("unforeseen");

    for (ProcessHandle child : ProcessHandle.current().children().filter(child -> !before.contains(child)).toList()) {
      assertThat(child.onExit().get(10, SECONDS).isAlive()).isFalse();
    }
  }

  private static OipModelRuntime unforeseen() {
    throw new IllegalStateException("unforeseen");
  }

  @Test
  void theNextNodeEndsWhatAnEarlierOneLeft(@TempDir Path ofTheNext) throws Exception {
    ModelRuntime runtime = load(FaultyModels.spec(), WorkerOptions.DEFAULT);
    ProcessHandle worker = processOf(runtime);
    signal("STOP", worker);

    // A copy, since the earlier one goes on writing its own when the worker ends.
    Files.copy(data.resolve("workers"), ofTheNext.resolve("workers"));
    get(Workers.open(ofTheNext, UNCHECKED).end());

    assertThat(worker.onExit().get(60, SECONDS).isAlive()).isFalse();
    runtime.close();
  }

  @Test
  void theEndIsTheEndOfEveryWorkerAndNothingIsWrittenAfterIt() throws Exception {
    ProcessHandle closing = processOf(load(FaultyModels.spec(), WorkerOptions.DEFAULT));
    ModelRuntime busy = load(FaultyModels.spec(), WorkerOptions.DEFAULT);
    ProcessHandle working = processOf(busy);
    busy.predict(List.of(Input.doubles(FaultyModels.HANGS)));

    get(workers.end());

    assertThat(List.of(closing, working)).noneMatch(ProcessHandle::isAlive);
    assertThat(listed()).isEmpty();
    assertThatThrownBy(() -> load(FaultyModels.spec(), WorkerOptions.DEFAULT)).hasMessage("the node stops");
  }

  private void reopen(WorkerSettings settings) throws Exception {
    end();
    open(settings);
  }

  private static WorkerSettings settings(Duration healthInterval, Duration healthTimeout, Duration stuckTimeout) {
    return new WorkerSettings(
        Duration.ofSeconds(60), healthInterval, healthTimeout, 2, stuckTimeout, Duration.ofSeconds(5), "python3", Duration.ofMinutes(1),
        Duration.ofDays(1));
  }

  private ModelRuntime load(RuntimeSpec spec, WorkerOptions options) throws ModelLoadException {
    return runtimes.load(ID, new RuntimeSpec.Isolated(spec, options), Optional.empty());
  }

  private String listed() throws IOException {
    return Files.readString(data.resolve("workers"));
  }

  private static ProcessHandle processOf(ModelRuntime runtime) throws Exception {
    double pid = get(runtime.predict(List.of(Input.doubles(FaultyModels.WHO)))).getFirst().number().orElseThrow();
    return ProcessHandle.of((long) pid).orElseThrow();
  }

  private static void signal(String name, ProcessHandle process) throws Exception {
    Process kill = new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).inheritIO().start();
    assertThat(kill.waitFor()).isZero();
  }

  private static CopyLostException lost(ModelRuntime runtime) throws Exception {
    return get(runtime.lost());
  }

  private static <T> T get(CompletionStage<T> stage) throws InterruptedException, ExecutionException, TimeoutException {
    return stage.toCompletableFuture().get(60, SECONDS);
  }
}
