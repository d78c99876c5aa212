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
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Inputs that real worker processes do not survive, or answer by garbage, among others that deserve their answer. */
class KillingInputTest {
  private static final Duration PATIENCE = Duration.ofSeconds(90);
  private static final int INNOCENT = 50;

  @TempDir private static Path data = Path.of("");
  private static ClipperNode node;

  @BeforeAll
  static void start() {
    node = ClipperNode.start(TestNodes.options(data, 0, 0, false));
  }

  @AfterAll
  static void stop() {
    node.close();
  }

  @Test
  void theRowsBesideItAreAnsweredAndItIsTriedTwice() throws Exception {
    deploy("killed", WorkerOptions.DEFAULT, 2);

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
    assertThat(copies("killed").stream().mapToInt(ReplicaStatus::restarts).sum()).isEqualTo(2);
    assertThat(copies("killed")).allMatch(copy -> copy.lastError().filter(error -> error.contains("status 42")).isPresent());
    assertThat(metrics())
        .contains("clipper_replica_restarts_total{model_name=\"killed\",model_version=\"1\"} 2.0")
        .contains("clipper_replicas{model_name=\"killed\",model_version=\"1\",state=\"ready\"} 2.0");
  }

  @Test
  void garbageFailsAloneAndTheWorkerLivesOn() throws Exception {
    deploy("garbled", WorkerOptions.DEFAULT, 1);

    List<CompletableFuture<Prediction>> answers = Stream.of(FaultyModel.GARBAGE, 1.0, 2.0).map(number -> ask("garbled", number)).toList();

    assertThat(await(answers.get(0)).isDefault()).isTrue();
    assertThat(await(answers.get(1)).output()).isEqualTo(Output.of(1.0));
    assertThat(await(answers.get(2)).output()).isEqualTo(Output.of(2.0));
    assertThat(copies("garbled")).extracting(ReplicaStatus::restarts).containsExactly(0);
    assertThat(metrics()).contains("clipper_not_predicted_total{model_name=\"garbled\",model_version=\"1\",reason=\"failed\"} 1.0");
  }

  @Test
  void aWorkerThatLeaksIsEndedAndStartedAgain() throws Exception {
    deploy("leaking", new WorkerOptions(Map.of(), Optional.empty(), Optional.of(250L << 20)), 1);

    assertThat(await(ask("leaking", FaultyModel.LEAKS)).output()).isEqualTo(Output.of(1.0));
    awaitCopies("leaking", copies -> copies.getFirst().restarts() == 1 && copies.getFirst().state() == ReplicaStatus.State.READY);

    assertThat(copies("leaking").getFirst().lastError().orElseThrow()).contains("more than its 250 MiB");
    assertThat(await(ask("leaking", 7)).output()).isEqualTo(Output.of(7.0));
  }

  private static void deploy(String name, WorkerOptions options, int replicas) throws Exception {
    RuntimeSpec runtime = new RuntimeSpec.Isolated(new RuntimeSpec.PlugIn(FaultyModel.KIND, Map.of()), options);
    ModelVersion version = ModelVersion.of(new ModelId(name, "1"), InputType.DOUBLES.signature(), runtime, Optional.empty());
    Application application = new Application(name, InputType.DOUBLES.signature(), PATIENCE, "-100", LearningSettings.DEFAULT, List.of());
    node.serving()
        .applications()
        .change(new CatalogChange.Deploy(version, Optional.of(replicas), Optional.of(application)))
        .toCompletableFuture()
        .get(PATIENCE.toSeconds(), SECONDS);
    awaitCopies(name, copies -> copies.size() == replicas && copies.stream().allMatch(copy -> copy.state() == ReplicaStatus.State.READY));
  }

  private static CompletableFuture<Prediction> ask(String application, double number) {
    Query query = new Query(application, Input.doubles(number), Optional.empty(), Optional.of(PATIENCE), Optional.empty());
    return node.serving().applications().predict(query).toCompletableFuture();
  }

  private static Prediction await(CompletableFuture<Prediction> answer) throws Exception {
    return answer.get(2 * PATIENCE.toSeconds(), SECONDS);
  }

  private static List<ReplicaStatus> copies(String model) throws Exception {
    List<ReplicaStatus> all = node.serving().replicas().statuses().toCompletableFuture().get(10, SECONDS);
    return all.stream().filter(copy -> copy.model().name().equals(model)).toList();
  }

  private static void awaitCopies(String model, Predicate<List<ReplicaStatus>> wanted) {
    Awaitility.await().atMost(PATIENCE.multipliedBy(2)).until(() -> copies(model), wanted);
  }

  private static String metrics() throws IOException, InterruptedException {
    URI address = URI.create("http://127.0.0.1:%d/metrics".formatted(node.adminAddress().getPort()));
    try (HttpClient client = HttpClient.newHttpClient()) {
      return client.send(HttpRequest.newBuilder(address).build(), HttpResponse.BodyHandlers.ofString()).body();
    }
  }
}
