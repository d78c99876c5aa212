package io.clipper.node;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.clipper.application.Prediction;
import io.clipper.application.Query;
import io.clipper.catalog.Application;
import io.clipper.catalog.CatalogChange;
import io.clipper.catalog.LearningSettings;
import io.clipper.catalog.ModelVersion;
import io.clipper.model.Input;
import io.clipper.model.InputType;
import io.clipper.model.ModelId;
import io.clipper.model.Output;
import io.clipper.model.runtime.RuntimeSpec;
import io.clipper.model.runtime.WorkerOptions;
import io.clipper.replica.ReplicaStatus;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Inputs that real worker processes do not survive, or answer by garbage, among others that deserve their answer. */
class KillingInputTest {
  /** From a fault to the model's next answer: the back-off, and the start of a JVM or two on a slow machine. */
  private static final Duration RECOVERY = Duration.ofMinutes(2);
  private static final int INNOCENT = 50;
  /** Nothing hangs here: a worker that has no processor for a while is not to count as one that does. */
  private static final String PATIENT = "clipper.worker.health-timeout = 30 s\n";

  @TempDir private static Path data = Path.of("");
  private static ClipperNode node;

  private final List<SteadyQueries> asking = new ArrayList<>();

  @BeforeAll
  static void start(@TempDir Path settings) throws IOException {
    node = ClipperNode.start(TestNodes.options(data, Files.writeString(settings.resolve("node.conf"), PATIENT)));
  }

  @AfterAll
  static void stop() {
    node.close();
  }

  @AfterEach
  void askNoMore() {
    asking.forEach(SteadyQueries::close);
  }

  @Test
  void theRowsBesideItAreAnsweredAndItIsTriedTwice() throws Exception {
    deploy("killed", WorkerOptions.DEFAULT, 2);
    SteadyQueries queries = steadyQueries("killed");
    long killedAt = System.nanoTime();

    List<CompletableFuture<Prediction>> answers =
        Stream.concat(Stream.of(FaultyModel.KILLS), IntStream.range(0, INNOCENT).mapToObj(number -> (double) number))
            .map(number -> ask("killed", number))
            .toList();

    assertThat(await(answers.getFirst()).isDefault()).isTrue();
    for (int number = 0; number < INNOCENT; number++) {
      Prediction prediction = await(answers.get(number + 1));
      assertThat(prediction.isDefault()).as("%s", prediction).isFalse();
      assertThat(prediction.output()).isEqualTo(Output.of((double) number));
    }
    assertThat(await(ask("killed", FaultyModel.KILLS)).isDefault()).isTrue();
    awaitCopies("killed", copies -> copies.stream().allMatch(copy -> copy.state() == ReplicaStatus.State.READY));
    queries.awaitAnswersWithin(RECOVERY, killedAt);
    assertThat(queries.end().lost()).isEmpty();
    assertThat(copies("killed").stream().mapToInt(ReplicaStatus::restarts).sum()).isEqualTo(2);
    assertThat(copies("killed")).allMatch(copy -> copy.lastError().filter(error -> error.contains("status 42")).isPresent());
    assertThat(TestNodes.metrics(node)).contains(restarts("killed", 2), copies("killed", "ready", 2));
  }

  @Test
  void garbageFailsAloneAndTheWorkerLivesOn() throws Exception {
    deploy("garbled", WorkerOptions.DEFAULT, 1);
    SteadyQueries queries = steadyQueries("garbled", RECOVERY);

    List<CompletableFuture<Prediction>> answers = Stream.of(FaultyModel.GARBAGE, 1.0, 2.0).map(number -> ask("garbled", number)).toList();

    assertThat(await(answers.get(0)).isDefault()).isTrue();
    assertThat(await(answers.get(1)).output()).isEqualTo(Output.of(1.0));
    assertThat(await(answers.get(2)).output()).isEqualTo(Output.of(2.0));
    queries.awaitAnswersWithin(RECOVERY, System.nanoTime());
    SteadyQueries.Tally tally = queries.end();
    assertThat(tally.lost()).isEmpty();
    assertThat(tally.byDefault()).isZero();
    assertThat(copies("garbled")).extracting(ReplicaStatus::restarts).containsExactly(0);
    assertThat(TestNodes.status(node)).containsPattern("garbled:1:0 .* ready +0 .*a batch failed [0-9]+ s ago: .*has shape .2. for a batch of 1");
    assertThat(TestNodes.metrics(node))
        .contains(restarts("garbled", 0), copies("garbled", "ready", 1))
        .contains("clipper_not_predicted_total{model_name=\"garbled\",model_version=\"1\",reason=\"failed\"} 1.0");
  }

  @Test
  void aWorkerThatLeaksIsEndedAndStartedAgain() throws Exception {
    deploy("leaking", new WorkerOptions(Map.of(), Optional.empty(), Optional.of(250L << 20)), 1);
    SteadyQueries queries = steadyQueries("leaking");
    long leaksAt = System.nanoTime();

    assertThat(await(ask("leaking", FaultyModel.LEAKS)).output()).isEqualTo(Output.of(1.0));
    awaitCopies("leaking", copies -> copies.getFirst().restarts() == 1 && copies.getFirst().state() == ReplicaStatus.State.READY);

    assertThat(copies("leaking").getFirst().lastError().orElseThrow()).contains("more than its 250 MiB");
    queries.awaitAnswersWithin(RECOVERY, leaksAt);
    assertThat(queries.end().lost()).isEmpty();
    assertThat(await(ask("leaking", 7)).output()).isEqualTo(Output.of(7.0));
    assertThat(TestNodes.metrics(node)).contains(restarts("leaking", 1), copies("leaking", "ready", 1));
  }

  @Test
  void aWorkerThatRefusesToStartAgainIsFailedWithItsReasonUntilItStarts(@TempDir Path folder) throws Exception {
    Path refusal = folder.resolve("refusal");
    deploy("refusing", new RuntimeSpec.PlugIn(FaultyModel.KIND, Map.of(FaultyModel.REFUSES_BY, refusal.toString())), WorkerOptions.DEFAULT, 1);
    SteadyQueries queries = steadyQueries("refusing");

    Files.writeString(refusal, "no licence for this machine");
    assertThat(await(ask("refusing", FaultyModel.KILLS, SteadyQueries.OBJECTIVE)).isDefault()).isTrue();

    awaitCopies(
        "refusing",
        copies -> copies.getFirst().state() == ReplicaStatus.State.FAILED && copies.getFirst().lastError().orElse("").contains("no licence for this machine"));
    Awaitility.await().atMost(RECOVERY).until(() -> TestNodes.metrics(node), text -> text.contains(copies("refusing", "failed", 1)));
    Awaitility.await()
        .atMost(RECOVERY)
        .untilAsserted(() -> assertThat(TestNodes.status(node)).containsPattern("refusing:1:0 .* failed +1 .*no licence for this machine"));

    Files.delete(refusal);
    long mendedAt = System.nanoTime();
    awaitCopies("refusing", copies -> copies.getFirst().state() == ReplicaStatus.State.READY);
    queries.awaitAnswersWithin(RECOVERY, mendedAt);
    SteadyQueries.Tally tally = queries.end();
    assertThat(tally.lost()).isEmpty();
    assertThat(tally.byDefault()).isPositive();
    assertThat(TestNodes.metrics(node)).contains(restarts("refusing", 1), copies("refusing", "ready", 1));
  }

  private static String restarts(String model, int times) {
    return "clipper_replica_restarts_total{model_name=\"%s\",model_version=\"1\"} %d.0".formatted(model, times);
  }

  private static String copies(String model, String state, int number) {
    return "clipper_replicas{model_name=\"%s\",model_version=\"1\",state=\"%s\"} %d.0".formatted(model, state, number);
  }

  /** Of numbers that are no test's own; the model answers them already. */
  private SteadyQueries steadyQueries(String application) {
    return steadyQueries(application, SteadyQueries.OBJECTIVE);
  }

  private SteadyQueries steadyQueries(String application, Duration objective) {
    SteadyQueries queries = SteadyQueries.ask(node, application, objective, number -> Input.doubles(1_000_000.0 + number));
    asking.add(queries);
    queries.awaitAnswersWithin(RECOVERY, System.nanoTime());
    return queries;
  }

  private static void deploy(String name, WorkerOptions options, int replicas) throws Exception {
    deploy(name, new RuntimeSpec.PlugIn(FaultyModel.KIND, Map.of()), options, replicas);
  }

  private static void deploy(String name, RuntimeSpec model, WorkerOptions options, int replicas) throws Exception {
    RuntimeSpec runtime = new RuntimeSpec.Isolated(model, options);
    ModelVersion version = ModelVersion.of(new ModelId(name, "1"), InputType.DOUBLES.signature(), runtime, Optional.empty());
    Application application = new Application(name, InputType.DOUBLES.signature(), RECOVERY, "-100", LearningSettings.DEFAULT, List.of());
    node.serving()
        .applications()
        .change(new CatalogChange.Deploy(version, Optional.of(replicas), Optional.of(application)))
        .toCompletableFuture()
        .get(RECOVERY.toSeconds(), SECONDS);
    awaitCopies(name, copies -> copies.size() == replicas && copies.stream().allMatch(copy -> copy.state() == ReplicaStatus.State.READY));
  }

  private static CompletableFuture<Prediction> ask(String application, double number) {
    return ask(application, number, RECOVERY);
  }

  private static CompletableFuture<Prediction> ask(String application, double number, Duration budget) {
    Query query = new Query(application, Input.doubles(number), Optional.empty(), Optional.of(budget), Optional.empty());
    return node.serving().applications().predict(query).toCompletableFuture();
  }

  private static Prediction await(CompletableFuture<Prediction> answer) throws Exception {
    return answer.get(2 * RECOVERY.toSeconds(), SECONDS);
  }

  private static List<ReplicaStatus> copies(String model) throws Exception {
    return TestNodes.copies(node, model);
  }

  private static void awaitCopies(String model, Predicate<List<ReplicaStatus>> wanted) {
    Awaitility.await().atMost(RECOVERY).until(() -> copies(model), wanted);
  }
}
