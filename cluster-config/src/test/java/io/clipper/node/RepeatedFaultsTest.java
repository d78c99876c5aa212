package io.clipper.node;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.clipper.catalog.CatalogChange;
import io.clipper.catalog.ModelVersion;
import io.clipper.model.Input;
import io.clipper.model.InputType;
import io.clipper.model.ModelId;
import io.clipper.model.Output;
import io.clipper.model.runtime.RuntimeSpec;
import io.clipper.model.runtime.WorkerOptions;
import io.clipper.replica.ReplicaRouterActor;
import io.clipper.replica.ReplicaStatus;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real workers that are lost again and again, on a node that soon takes them for stuck and after three times for broken. */
class RepeatedFaultsTest {
  /** A worker that is stuck for 5 s, and the start of a JVM or two on a slow machine. */
  private static final Duration RECOVERY = Duration.ofSeconds(60);
  /** The client is gone before its worker is given up, and its query has time to reach that. */
  private static final Duration SHORT = Duration.ofSeconds(4);

  private static final String SETTINGS =
      """
      clipper.worker.stuck-timeout = 5 s
      clipper.replica { min-back-off = 100 ms, crash-limit = 3 }
      """;

  @TempDir private static Path data = Path.of("");
  private static ClipperNode node;

  @BeforeAll
  static void start(@TempDir Path settings) throws IOException {
    node = ClipperNode.start(TestNodes.options(data, Files.writeString(settings.resolve("node.conf"), SETTINGS)));
  }

  @AfterAll
  static void stop() {
    node.close();
  }

  @Test
  void anInputThatTwoWorkersHungOverIsNotTriedAThirdTime() throws Exception {
    deploy("hanging");

    for (int hung = 1; hung <= 2; hung++) {
      int times = hung;
      assertThat(ask("hanging", Input.doubles(FaultyModel.HANGS), SHORT)).isInstanceOf(ReplicaRouterActor.Unanswered.class);
      awaitCopy("hanging", copy -> copy.restarts() >= times && copy.state() == ReplicaStatus.State.READY);
      assertThat(TestNodes.status(node)).containsPattern("hanging:1:0 .* ready +[1-9] .*the worker has not returned a batch for 5 s");
      assertThat(answer("hanging", 7 + hung)).isEqualTo(Output.of(7.0 + hung));
    }

    ReplicaRouterActor.Reply third = ask("hanging", Input.doubles(FaultyModel.HANGS), RECOVERY);
    assertThat(third).isInstanceOf(ReplicaRouterActor.Unanswered.class);
    assertThat(((ReplicaRouterActor.Unanswered) third).message()).isEqualTo("2 replicas of hanging:1 stopped while they held this input");
    assertThat(answer("hanging", 1)).isEqualTo(Output.of(1.0));
  }

  @Test
  void aModelThatEndsItsWorkerAgainAndAgainIsFailedWithItsReason() throws Exception {
    deploy("dying");

    assertThat(ask("dying", Input.doubles(FaultyModel.KILLS), RECOVERY)).isInstanceOf(ReplicaRouterActor.Unanswered.class);
    awaitCopy("dying", copy -> copy.restarts() == 2 && copy.state() == ReplicaStatus.State.READY);
    assertThat(ask("dying", Input.doubles(FaultyModel.KILLS, 1), RECOVERY)).isInstanceOf(ReplicaRouterActor.Unanswered.class);

    awaitCopy("dying", copy -> copy.restarts() == 3 && copy.state() == ReplicaStatus.State.FAILED);
    assertThat(TestNodes.status(node)).containsPattern("dying:1:0 .* failed +3 .*it stopped 3 times within PT10M, at last as .*status 42");
    assertThat(TestNodes.metrics(node))
        .contains("clipper_replica_restarts_total{model_name=\"dying\",model_version=\"1\"} 3.0")
        .contains("clipper_replicas{model_name=\"dying\",model_version=\"1\",state=\"failed\"} 1.0");
  }

  private static void deploy(String name) throws Exception {
    RuntimeSpec runtime = new RuntimeSpec.Isolated(new RuntimeSpec.PlugIn(FaultyModel.KIND, Map.of()), WorkerOptions.DEFAULT);
    ModelVersion version = ModelVersion.of(new ModelId(name, "1"), InputType.DOUBLES.signature(), runtime, Optional.empty());
    node.serving()
        .applications()
        .change(new CatalogChange.Deploy(version, Optional.of(1), Optional.empty()))
        .toCompletableFuture()
        .get(RECOVERY.toSeconds(), SECONDS);
    awaitCopy(name, copy -> copy.state() == ReplicaStatus.State.READY);
  }

  private static Output answer(String model, double number) throws Exception {
    ReplicaRouterActor.Reply reply = ask(model, Input.doubles(number), RECOVERY);
    assertThat(reply).isInstanceOf(ReplicaRouterActor.Answered.class);
    return ((ReplicaRouterActor.Answered) reply).output();
  }

  private static ReplicaRouterActor.Reply ask(String model, Input input, Duration budget) throws Exception {
    return node.serving().models().ask(new ModelId(model, "1"), input, budget).toCompletableFuture().get(2 * RECOVERY.toSeconds(), SECONDS);
  }

  private static void awaitCopy(String model, Predicate<ReplicaStatus> wanted) {
    Awaitility.await()
        .atMost(RECOVERY)
        .until(
            () -> TestNodes.copies(node, model),
            copies -> copies.size() == 1 && copies.stream().allMatch(wanted));
  }
}
