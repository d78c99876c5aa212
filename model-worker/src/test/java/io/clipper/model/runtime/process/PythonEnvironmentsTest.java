package io.clipper.model.runtime.process;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.clipper.model.ModelId;
import io.clipper.model.runtime.ModelLoadException;
import io.clipper.model.runtime.RuntimeSpec;
import io.clipper.model.runtime.Runtimes;
import io.clipper.model.runtime.ThreadBudget;
import io.clipper.model.runtime.WorkerOptions;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A script stands for Python: its version is what a file says, and its pip waits where there is a gate, until that is opened. */
class PythonEnvironmentsTest {
  private static final ModelId ID = new ModelId("m", "1");
  private static final Duration UNUSED = Duration.ofDays(30);
  private static final String PYTHON =
      """
      #!/bin/sh
      cd %s
      case "$2" in
        venv) mkdir -p "$3/bin" && cp python "$3/bin/python" ;;
        pip)
          echo $$ > pip.tmp && mv pip.tmp pip-$(ls | grep -c '^pip-[0-9]')
          echo pip runs
          if [ -p gate ]; then cat gate > /dev/null; fi ;;
        *) cat version ;;
      esac
      """;

  @TempDir private Path data = Path.of("");
  @TempDir private Path folder = Path.of("");
  private Workers workers;
  private Runtimes runtimes;

  @BeforeEach
  void open() throws IOException {
    Path python = Files.writeString(folder.resolve("python"), PYTHON.formatted(folder));
    Files.setPosixFilePermissions(python, PosixFilePermissions.fromString("rwxr-xr-x"));
    python("3.11");
    workers = open(data, python);
    runtimes = Runtimes.found(new ThreadBudget(1)).with(workers.providers());
  }

  @AfterEach
  void end() throws Exception {
    get(workers.end());
  }

  @Test
  void anEnvironmentThatIsMadeHoldsNoThreadAndIsMadeOnceForAllThatWaitForIt() throws Exception {
    get(prepare("numpy==1"));
    gate();

    CompletionStage<Void> one = prepare("numpy==2");
    CompletionStage<Void> another = prepare("numpy==2");
    awaitPip(1);

    assertThat(workers.steps().get(ID)).startsWith("its Python environment");
    assertThat(get(prepare("numpy==1"))).as("one that is there is not waited for").isNull();
    assertThat(List.of(one.toCompletableFuture(), another.toCompletableFuture())).noneMatch(stage -> stage.isDone());
    openGate();
    get(one);
    get(another);
    assertThat(pips()).hasSize(2);
    assertThat(environments()).hasSize(2);
    assertThat(workers.steps()).isEmpty();
  }

  @Test
  void oneThatFailsLeavesNoFolderAndIsTriedAgain() throws Exception {
    Files.writeString(folder.resolve("python"), PYTHON.formatted(folder).replace("echo pip runs", "echo no such package; exit 1"));

    for (int i = 1; i <= 2; i++) {
      assertThatThrownBy(() -> get(prepare("numpy==1")))
          .hasCauseInstanceOf(ModelLoadException.class)
          .hasMessageContaining("the model's Python environment cannot be made: no such package");
      assertThat(environments()).isEmpty();
      assertThat(pips()).hasSize(i);
    }
  }

  @Test
  void anotherPythonOfTheSameNameHasEnvironmentsOfItsOwn() throws Exception {
    get(prepare("numpy==1"));
    python("3.12");
    get(prepare("numpy==1"));
    python("3.11");
    get(prepare("numpy==1"));

    assertThat(environments()).hasSize(2);
    assertThat(pips()).hasSize(2);
  }

  @Test
  void oneThatNobodyHasAskedForInLongGoesWhenAnotherIsMade() throws Exception {
    get(prepare("numpy==1"));
    get(prepare("numpy==2"));
    Path cutShort = Files.createDirectories(data.resolve("python").resolve("environment-cut-short"));
    for (Path environment : environments()) {
      age(environment);
    }
    end();
    open();

    get(prepare("numpy==1"));
    assertThat(environments()).as("nothing is made").hasSize(3);
    get(prepare("numpy==3"));

    assertThat(cutShort).doesNotExist();
    assertThat(environments()).hasSize(2);
    assertThat(pips()).hasSize(3);
    get(prepare("numpy==1"));
    assertThat(pips()).as("the one that was asked for is still there").hasSize(3);
  }

  /** As if it was last asked for a while ago. */
  private static void age(Path environment) throws IOException {
    Path complete = environment.resolve("complete");
    if (Files.exists(complete)) {
      Files.setLastModifiedTime(complete, FileTime.from(Instant.now().minus(UNUSED).minusSeconds(60)));
    }
  }

  @Test
  void theEndOfTheNodeEndsWhatMakesAnEnvironment() throws Exception {
    gate();
    CompletionStage<Void> making = prepare("numpy==1");
    CompletionStage<Void> waiting = prepare("numpy==2");
    ProcessHandle pip = awaitPip(0);

    get(workers.end());

    assertThat(pip.onExit().get(10, SECONDS).isAlive()).isFalse();
    assertThat(environments()).isEmpty();
    assertThat(Files.readString(data.resolve("workers"))).isEmpty();
    for (CompletionStage<Void> stage : List.of(making, waiting, prepare("numpy==3"))) {
      assertThatThrownBy(() -> get(stage)).hasCauseInstanceOf(ModelLoadException.class).hasMessageContaining("the node stops");
    }
  }

  @Test
  void whatOutlivesAStepIsNotWaitedFor(@TempDir Path other) throws Exception {
    List<ProcessHandle> before = ProcessHandle.current().children().toList();
    EnvironmentStep step = EnvironmentStep.start(List.of("sh", "-c", "echo up; sleep 600; true"), Duration.ofSeconds(1), Orphans.sweep(other.resolve("workers")));
    CountDownLatch up = new CountDownLatch(1);
    FutureTask<EnvironmentStep.Outcome> outcome = new FutureTask<>(() -> step.await(Duration.ofMinutes(1), line -> up.countDown()));
    Thread.ofPlatform().daemon().start(outcome);
    assertThat(up.await(20, SECONDS)).isTrue();

    ProcessHandle.current().children().filter(child -> !before.contains(child)).forEach(ProcessHandle::destroyForcibly);

    assertThat(outcome.get(20, SECONDS)).isEqualTo(new EnvironmentStep.Broken("up"));
  }

  @Test
  void whatMakesAnEnvironmentEndsWithANodeThatIsKilled(@TempDir Path other) throws Exception {
    gate();
    List<String> command =
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-XX:TieredStopAtLevel=1", "-cp", System.getProperty("java.class.path"),
            Node.class.getName(), other.toString(), folder.resolve("python").toString(), model("numpy==1").toString());
    Process node = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    try (BufferedReader says = node.inputReader()) {
      assertThat(says.readLine()).isEqualTo("makes");
      ProcessHandle pip = awaitPip(0);
      ProcessHandle waiting = awaitChild(pip);

      node.destroyForcibly();

      assertThat(pip.onExit().get(20, SECONDS).isAlive()).isFalse();
      assertThat(waiting.onExit().get(20, SECONDS).isAlive()).isFalse();
    } finally {
      node.destroyForcibly();
    }
  }

  /** Makes an environment, and does not wait for it. */
  static final class Node {
    private Node() {}

    /** Takes its data, its Python and the model's folder. */
    public static void main(String[] arguments) {
      Runtimes runtimes = Runtimes.found(new ThreadBudget(1)).with(PythonEnvironmentsTest.open(Path.of(arguments[0]), Path.of(arguments[1])).providers());
      CompletionStage<Void> made = runtimes.prepare(ID, spec(), Optional.of(Path.of(arguments[2])));
      System.out.println("makes");
      made.toCompletableFuture().join();
    }
  }

  private static Workers open(Path data, Path python) {
    return Workers.open(
        data,
        new WorkerSettings(
            Duration.ofSeconds(30), Duration.ofMillis(100), Duration.ofSeconds(2), 2, Duration.ofMinutes(1), Duration.ofSeconds(1), python.toString(),
            Duration.ofMinutes(1), UNUSED));
  }

  private CompletionStage<Void> prepare(String pin) throws IOException {
    return runtimes.prepare(ID, spec(), Optional.of(model(pin)));
  }

  private Path model(String pin) throws IOException {
    Path model = Files.createDirectories(folder.resolve("model-" + pin));
    Files.writeString(model.resolve("requirements.txt"), pin + "\n");
    return model;
  }

  private static RuntimeSpec spec() {
    return new RuntimeSpec.Python("model.py", Optional.of("doubles"), Optional.empty(), WorkerOptions.DEFAULT, Optional.empty());
  }

  private void python(String version) throws IOException {
    Files.writeString(folder.resolve("version"), version + "\n");
  }

  private void gate() throws Exception {
    assertThat(new ProcessBuilder("mkfifo", folder.resolve("gate").toString()).inheritIO().start().waitFor()).isZero();
  }

  /** For the one that waits at it. */
  private void openGate() throws IOException {
    Files.writeString(folder.resolve("gate"), "go\n");
  }

  /** Waits until pip runs for the so-many-th time. */
  private ProcessHandle awaitPip(int index) throws IOException {
    Path file = folder.resolve("pip-" + index);
    long giveUpAt = System.nanoTime() + SECONDS.toNanos(20);
    while (!Files.exists(file)) {
      assertThat(System.nanoTime()).as("pip has not run").isLessThan(giveUpAt);
      Thread.onSpinWait();
    }
    return ProcessHandle.of(Long.parseLong(Files.readString(file).strip())).orElseThrow();
  }

  /** Waits until it waits at the gate. */
  private static ProcessHandle awaitChild(ProcessHandle pip) {
    long giveUpAt = System.nanoTime() + SECONDS.toNanos(20);
    Optional<ProcessHandle> child = pip.children().findAny();
    while (child.isEmpty()) {
      assertThat(System.nanoTime()).as("it does not wait").isLessThan(giveUpAt);
      child = pip.children().findAny();
    }
    return child.get();
  }

  private List<Path> pips() throws IOException {
    return inside(folder, "pip-");
  }

  private List<Path> environments() throws IOException {
    Path directory = data.resolve("python");
    return Files.exists(directory) ? inside(directory, "environment-") : List.of();
  }

  private static List<Path> inside(Path directory, String prefix) throws IOException {
    try (Stream<Path> paths = Files.list(directory)) {
      return paths.filter(path -> String.valueOf(path.getFileName()).startsWith(prefix)).toList();
    }
  }

  private static <T> T get(CompletionStage<T> stage) throws Exception {
    return stage.toCompletableFuture().get(20, SECONDS);
  }
}
