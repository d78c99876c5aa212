package io.clipper.node;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.clipper.model.Input;
import io.clipper.node.command.ClipperCommand;
import io.clipper.node.terminal.Terminal;
import io.clipper.replica.ReplicaStatus;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** Python models by the command line, in environments that the node makes. */
class PythonModelTest {
  /** From a fault to the next answer: three health checks of 2 s, the back-off, and the start of Python on a slow machine. */
  private static final Duration RECOVERY = Duration.ofMinutes(2);
  /** A node that waits less before it starts a worker again: what is waited for here are workers. */
  private static final String IMPATIENT = "clipper.replica.min-back-off = 100 ms\n";

  private static final Path EXAMPLE = Path.of("..", "examples", "python-model");

  private record Said(int exit, String out, String err) {}

  @TempDir private static Path data = Path.of("");
  @TempDir private Path folder = Path.of("");
  private static ClipperNode node;
  private static Said example;
  private static final ListAppender<ILoggingEvent> LOG = new ListAppender<>();

  @BeforeAll
  static void deployTheExample(@TempDir Path settings) throws IOException {
    LOG.list = new CopyOnWriteArrayList<>(); // workers write while a test reads
    LOG.start();
    ((Logger) LoggerFactory.getLogger("io.clipper.worker")).addAppender(LOG);
    node = ClipperNode.start(TestNodes.options(data, Files.writeString(settings.resolve("node.conf"), IMPATIENT)));
    example =
        run("deploy iris %s:predict --requirements %s --app iris --slo 20s --default unknown"
            .formatted(EXAMPLE.resolve("model.py"), EXAMPLE.resolve("requirements.txt")));
  }

  @AfterAll
  static void stop() throws IOException {
    List<ProcessHandle> running = TestNodes.workers(data);
    node.close();
    ((Logger) LoggerFactory.getLogger("io.clipper.worker")).detachAppender(LOG);
    assertThat(running).isNotEmpty().noneMatch(ProcessHandle::isAlive);
  }

  @Test
  void theExampleIsServedInTwoCommands() {
    assertThat(example.exit()).as("%s", example).isZero();
    assertThat(example.out()).contains("iris:1 is ready", "next: ./clipper predict iris").doesNotContain("cannot move");
    assertThat(example.err()).contains("iris:1: its Python environment is made", "iris:1: its worker starts");

    assertThat(run("predict iris 5.1 3.5 1.4 0.2").out()).startsWith("setosa\n");
    assertThat(run("predict iris 6.7 3.0 5.2 2.3").out()).startsWith("virginica\n");
  }

  @Test
  void whatAWorkerSaysIsInTheNodesLogWithItsModelVersionAndProcess() {
    assertThat(LOG.list)
        .extracting(ILoggingEvent::getFormattedMessage)
        .anyMatch(line -> line.matches("iris:1 \\(pid [0-9]+\\): INFO serving iris:1 .*"));
  }

  @Test
  void aModelThatCannotStartSaysWhyInItsOwnWordsAndLeavesNothing() throws IOException {
    List<String> before = left();
    Path file = write("model.py", "weights = {}\n\n\ndef predict(batch):\n    return batch\n\n\nprint(weights['layer-7'])\n");

    Said broken = run("deploy broken %s --venv %s --input-type doubles --app broken".formatted(file, environment()));

    assertThat(broken.exit()).isEqualTo(1);
    assertThat(broken.err()).contains("model.py\", line 8", "KeyError", "layer-7").doesNotContain("at io.clipper");
    assertThat(left()).isEqualTo(before);
    // What came and went again is among the changes, and nowhere else.
    String status = run("status").out();
    assertThat(status.substring(0, status.indexOf("changed at"))).doesNotContain("broken");
  }

  @Test
  void anEnvironmentThatCannotBeMadeSaysWhyAndLeavesNothing() throws IOException {
    List<String> before = left();
    Path file = write("model.py", "def predict(batch):\n    return batch\n");
    Path requirements = write("pins.txt", "numpy==2.4.6\n./no-such-folder\n");

    Said broken = run("deploy broken %s --requirements %s --input-type doubles".formatted(file, requirements));

    assertThat(broken.exit()).isEqualTo(1);
    assertThat(broken.err()).contains("the model's Python environment cannot be made", "./no-such-folder");
    assertThat(left()).isEqualTo(before);
  }

  @Test
  void aFolderWithANodesOwnPythonCannotMove() throws IOException {
    write("shout/__init__.py", "import os\nfrom .words import louder\n\n\ndef shout(batch):\n    return [louder(text) + os.environ['MARK'] for text in batch]\n");
    write("shout/words.py", "def louder(text):\n    return text.upper()\n");
    write("shout/__pycache__/words.cpython-311.pyc", "not for the node");

    Said deployed =
        run("deploy shout %s:shout --python %s --input-type strings --env MARK=! --app shout --slo 20s"
            .formatted(folder.resolve("shout"), environment().resolve("bin").resolve("python")));

    assertThat(deployed.exit()).as("%s", deployed).isZero();
    assertThat(deployed.out()).contains("shout:1 is ready", "it cannot move to another node");
    assertThat(run("predict shout --input \"hello\"").out()).startsWith("HELLO!\n");
    try (Stream<Path> files = Files.walk(data.resolve("artifacts"))) {
      assertThat(files.map(Path::toString)).noneMatch(name -> name.endsWith(".pyc")).anyMatch(name -> name.endsWith("words.py"));
    }
  }

  /** The worker says so itself: nothing is declared. */
  @Test
  void aQueryMayLackWhatTheModelDoesWithout() throws Exception {
    Path file =
        write(
            "masked.py",
            """
            def predict(batch):
                mask = batch.get("mask")
                return (batch["x"] if mask is None else batch["x"] * mask).sum(axis=1)

            predict.input_type = "x:FP64[2],mask:FP64[2]?"
            """);

    assertThat(run("deploy masked %s:predict --venv %s --app masked --slo 20s".formatted(file, environment())).exit()).isZero();
    assertThat(run("predict masked --input [1.5,2]").out()).startsWith("3.5\n");
    assertThat(run("predict masked --input {\"x\":[1.5,2],\"mask\":[0,1]}").out()).startsWith("2\n");
  }

  @Test
  void aSavedEstimatorIsDeployedAsItIs() throws Exception {
    Path saved = folder.resolve("iris.joblib");
    Path script =
        write(
            "save.py",
            """
            import sys, joblib
            from sklearn.datasets import load_iris
            from sklearn.naive_bayes import GaussianNB
            iris = load_iris()
            joblib.dump(GaussianNB().fit(iris.data, iris.target_names[iris.target]), sys.argv[1])
            """);
    Process saving = new ProcessBuilder(environment().resolve("bin").resolve("python").toString(), script.toString(), saved.toString()).inheritIO().start();
    assertThat(saving.waitFor()).isZero();

    Said deployed = run("deploy bayes %s --requirements %s --app bayes --slo 20s".formatted(saved, EXAMPLE.resolve("requirements.txt")));

    assertThat(deployed.exit()).as("%s", deployed).isZero();
    assertThat(run("predict bayes 5.1 3.5 1.4 0.2").out()).startsWith("setosa\n");
  }

  @Test
  void aFolderOfMlflowIsDeployedAsItIs() throws IOException {
    write(
        "discount/MLmodel",
        """
        flavors:
          python_function:
            code: code
            env:
              virtualenv: python_env.yaml
            loader_module: discount
        mlflow_version: 3.17.2
        model_uuid: 6f2b9d1f8c1a4b6e9a0d5c3e7f1b2a49
        signature:
          inputs: '[{"type": "double", "name": "price", "required": true}, {"type": "long", "name": "pieces", "required": true}]'
          outputs: '[{"type": "double", "required": true}]'
          params: null
        """);
    write("discount/requirements.txt", "mlflow-skinny==3.17.2\nnumpy==2.4.6\npandas==3.1.1\n");
    write(
        "discount/code/discount.py",
        """
        class Discount:
            def predict(self, frame):
                return (frame["price"] * frame["pieces"] * 0.5).to_numpy()


        def _load_pyfunc(path):
            return Discount()
        """);

    Said deployed = run("deploy discount %s --app discount --slo 20s".formatted(folder.resolve("discount")));

    assertThat(deployed.exit()).as("%s", deployed).isZero();
    assertThat(run("predict discount 3 4").out()).startsWith("6\n");
    assertThat(run("deploy discount %s:predict".formatted(folder.resolve("discount"))).err()).contains("'discount' has no functions");
  }

  @Test
  void aWorkerThatIsKilledOrHangsOrLeaksComesBackAndNoQueryIsLost() throws Exception {
    List<ProcessHandle> others = TestNodes.workers(data);
    Path file =
        write(
            "model.py",
            """
            hoard = []
            leaking = []


            def predict(batch):
                # Behind the answer to the row that asks for it, which a check would end the worker for.
                if leaking:
                    hoard.append(b"x" * (300 << 20))
                    leaking.clear()
                if (batch < 0).any():
                    leaking.append(True)
                return batch[:, 0]
            """);
    Said deployed =
        run("deploy frail %s --venv %s --input-type doubles --memory 250m --app frail --slo 2s --default none".formatted(file, environment()));
    assertThat(deployed.exit()).as("%s", deployed).isZero();

    try (SteadyQueries queries = SteadyQueries.ask(node, "frail", number -> Input.doubles((double) number))) {
      queries.awaitAnswersWithin(RECOVERY, System.nanoTime());

      long killedAt = System.nanoTime();
      TestNodes.signal("KILL", workerBeside(others));
      assertRecovers(queries, killedAt, 1, "the worker ended with status 137");

      long stoppedAt = System.nanoTime();
      TestNodes.signal("STOP", workerBeside(others));
      assertRecovers(queries, stoppedAt, 2, "the worker left 3 health checks");

      long leaksAt = System.nanoTime();
      assertThat(run("predict frail --input [-1]").exit()).isZero();
      assertRecovers(queries, leaksAt, 3, "more than its 250 MiB");

      SteadyQueries.Tally tally = queries.end();
      assertThat(tally.lost()).isEmpty();
      assertThat(tally.byDefault()).as("%s", tally).isPositive();
    }
  }

  @Test
  void garbageFailsAloneAndTheWorkerLivesOn() throws Exception {
    Path file =
        write(
            "model.py",
            """
            def predict(batch):
                return batch[1:, 0] if (batch < 0).any() else batch[:, 0]
            """);
    assertThat(run("deploy garbled %s --venv %s --input-type doubles --app garbled --slo 20s --default none".formatted(file, environment())).exit()).isZero();

    assertThat(run("predict garbled --input [-1]").out()).startsWith("none");
    assertThat(run("predict garbled 3").out()).startsWith("3\n");

    assertThat(run("status").out())
        .containsPattern("garbled:1:0 .* ready +0 .*a batch failed [0-9]+ s ago: .*has 0 rows for a batch of 1");
    assertThat(TestNodes.metrics(node))
        .contains("clipper_replica_restarts_total{model_name=\"garbled\",model_version=\"1\"} 0.0")
        .contains("clipper_not_predicted_total{model_name=\"garbled\",model_version=\"1\",reason=\"failed\"} 1.0");
  }

  @Test
  void aWorkerThatRefusesToStartAgainIsFailedWithItsReasonUntilItStarts() throws Exception {
    List<ProcessHandle> others = TestNodes.workers(data);
    Path refusal = folder.resolve("refusal");
    Path file =
        write(
            "model.py",
            """
            import pathlib

            refusal = pathlib.Path("%s")
            if refusal.exists():
                raise RuntimeError(refusal.read_text())


            def predict(batch):
                return batch[:, 0]
            """
                .formatted(refusal));
    assertThat(run("deploy refusing %s --venv %s --input-type doubles --app refusing --slo 20s --default none".formatted(file, environment())).exit()).isZero();

    Files.writeString(refusal, "no licence for this machine");
    TestNodes.signal("KILL", workerBeside(others));

    String line = "(?s)refusing:1:0 [^\n]* failed +1 [^\n]*the worker ended with status 1: Traceback.*RuntimeError: no licence for this machine";
    Awaitility.await().atMost(RECOVERY).untilAsserted(() -> assertThat(run("status").out()).containsPattern(line));
    Awaitility.await()
        .atMost(RECOVERY)
        .until(
            () -> TestNodes.metrics(node),
            text -> text.contains("clipper_replicas{model_name=\"refusing\",model_version=\"1\",state=\"failed\"} 1.0"));
    Files.delete(refusal);
    awaitCopies("refusing", copies -> copies.getFirst().state() == ReplicaStatus.State.READY);
    assertThat(run("predict refusing 3").out()).startsWith("3\n");
  }

  /** The Python worker stands for anybody's server: it is told by its command where to listen, and no more. */
  @Test
  void aServerThatIsStartedByItsCommandComesBackAndOneThatCannotStartLeavesNothing() throws Exception {
    write("model.py", "def predict(batch):\n    return batch[:, 0] + 2\n");
    List<ProcessHandle> others = TestNodes.workers(data);
    List<String> before = left();

    Said broken = run("deploy own --input-type doubles --directory %s --command".formatted(folder), "sh -c 'echo no weights >&2; exit 3' {port}");

    assertThat(broken.exit()).isEqualTo(1);
    assertThat(broken.err()).contains("the worker ended with status 3: no weights").doesNotContain("at io.clipper");
    assertThat(left()).isEqualTo(before);

    String serve = "'%s' -m clipper_worker model.py --name {name} --version {version} --listen unix:{socket}".formatted(environment().resolve("bin").resolve("python"));
    Said deployed =
        run(
            "deploy own --env PYTHONPATH=%s --directory %s --app own --slo 20s --command"
                .formatted(data.resolve("python").resolve("worker").toAbsolutePath(), folder),
            serve);

    assertThat(deployed.exit()).as("%s", deployed).isZero();
    assertThat(deployed.out()).contains("own:1 is ready", "it cannot move to another node");
    assertThat(run("predict own 3").out()).startsWith("5\n");
    ProcessHandle supervisor = workerBeside(others);
    ProcessHandle server = supervisor.children().filter(child -> child.children().findAny().isEmpty() && isPython(child)).findFirst().orElseThrow();
    TestNodes.signal("KILL", server);
    awaitCopies("own", copies -> copies.getFirst().restarts() == 1 && copies.getFirst().state() == ReplicaStatus.State.READY);
    assertThat(run("status").out()).containsPattern("own:1:0 .* ready +1 .*the worker ended with status 137");
    assertThat(run("predict own 4").out()).startsWith("6\n");
    assertThat(run("app delete own").exit()).isZero();
    assertThat(run("undeploy own").exit()).isZero();
    Awaitility.await().atMost(RECOVERY).until(() -> TestNodes.workers(data), others::equals);
  }

  private static boolean isPython(ProcessHandle process) {
    return process.info().command().filter(command -> command.contains("python")).isPresent();
  }

  @Test
  void aWorkerThatJoinsIsAReplicaUntilItLeaves() throws Exception {
    Path file = write("model.py", "def predict(batch):\n    return batch[:, 0] + 1\n");
    ProcessBuilder command =
        new ProcessBuilder(
            environment().resolve("bin").resolve("python").toString(), "-m", "clipper_worker", file.toString(), "--name", "guest", "--input-type", "doubles",
            "--join", "http://127.0.0.1:" + node.adminAddress().getPort());
    command.environment().put("PYTHONPATH", data.resolve("python").resolve("worker").toAbsolutePath().toString());
    Process guest = command.redirectError(folder.resolve("guest.log").toFile()).start();
    try {
      awaitCopies("guest", copies -> copies.size() == 1 && copies.getFirst().state() == ReplicaStatus.State.READY);
      assertThat(run("app create guests --input-type doubles --slo 20s --default none").exit()).isZero();
      assertThat(run("link guests guest").exit()).isZero();

      Said answer = run("predict guests 3");
      assertThat(answer.out()).as("%s", answer).startsWith("4\n");

      guest.destroy(); // a signal that it hears of
      awaitCopies("guest", List::isEmpty);
      assertThat(guest.onExit().get(RECOVERY.toSeconds(), SECONDS).exitValue()).isZero();
    } finally {
      guest.destroyForcibly();
    }
  }

  private static void assertRecovers(SteadyQueries queries, long faultAtNanos, int restarts, String why) throws Exception {
    awaitCopies("frail", copies -> copies.getFirst().restarts() == restarts && copies.getFirst().state() == ReplicaStatus.State.READY);
    queries.awaitAnswersWithin(RECOVERY, faultAtNanos);
    assertThat(run("status").out()).containsPattern("frail:1:0 .* ready +%d .*%s".formatted(restarts, why));
    assertThat(TestNodes.metrics(node))
        .contains("clipper_replica_restarts_total{model_name=\"frail\",model_version=\"1\"} %d.0".formatted(restarts))
        .contains("clipper_replicas{model_name=\"frail\",model_version=\"1\",state=\"ready\"} 1.0");
  }

  private static void awaitCopies(String model, Predicate<List<ReplicaStatus>> wanted) {
    Awaitility.await().atMost(RECOVERY).until(() -> TestNodes.copies(node, model), wanted);
  }

  private static ProcessHandle workerBeside(List<ProcessHandle> others) throws IOException {
    List<ProcessHandle> workers = new ArrayList<>(TestNodes.workers(data));
    workers.removeAll(others);
    assertThat(workers).hasSize(1);
    return workers.getFirst();
  }

  /** What a deployment could leave: versions, bytes, environments, processes. */
  private static List<String> left() throws IOException {
    List<String> left = new ArrayList<>();
    for (Path place : List.of(data.resolve("artifacts"), data.resolve("python"))) {
      try (Stream<Path> entries = Files.list(place)) {
        entries.map(Path::toString).sorted().forEach(left::add);
      }
    }
    TestNodes.workers(data).forEach(worker -> left.add("process " + worker.pid()));
    return left;
  }

  /** The one that was made for the example, of those there are: it alone has scikit-learn. */
  private static Path environment() throws IOException {
    try (Stream<Path> environments = Files.list(data.resolve("python"))) {
      return environments.filter(PythonModelTest::hasEstimators).findFirst().orElseThrow();
    }
  }

  private static boolean hasEstimators(Path environment) {
    Path pins = environment.resolve("requirements.txt");
    try {
      return Files.exists(pins) && Files.readString(pins).contains("scikit-learn");
    } catch (IOException unreadable) {
      throw new AssertionError(unreadable);
    }
  }

  private Path write(String name, String text) throws IOException {
    Path file = folder.resolve(name);
    Files.createDirectories(file.resolveSibling("."));
    return Files.writeString(file, text);
  }

  /** @param last a word that may have blanks */
  private static Said run(String words, String... last) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    List<String> all = new ArrayList<>(List.of(words.split(" ")));
    all.addAll(List.of(last));
    String host = "http://127.0.0.1:";
    all.addAll(List.of("--admin", host + node.adminAddress().getPort(), "--query", host + node.queryAddress().getPort()));
    int exit = ClipperCommand.line(new Terminal(new PrintWriter(out, true), new PrintWriter(err, true), false)).execute(all.toArray(String[]::new));
    return new Said(exit, out.toString(), err.toString());
  }
}
