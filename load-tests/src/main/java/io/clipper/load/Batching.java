package io.clipper.load;

import io.clipper.application.ServingNode;
import io.clipper.catalog.Application;
import io.clipper.catalog.CatalogChange;
import io.clipper.catalog.LearningSettings;
import io.clipper.catalog.ModelVersion;
import io.clipper.model.InputType;
import io.clipper.model.ModelId;
import io.clipper.model.Signature;
import io.clipper.node.ClipperNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;

/**
 * A model with a fixed cost for each call serves many times the queries when they share calls, and none of them late: the default
 * controller beside no batching, Clipper's and fixed waits; then twice the load that it can take.
 */
final class Batching implements Scenario {
  private static final Duration SLO = Duration.ofMillis(20);
  private static final long FIXED_MICROS = 2000;
  private static final long ROW_MICROS = 20;
  private static final int CONNECTIONS = 256;
  private static final Duration WARM_UP = Duration.ofSeconds(3);
  private static final int[] SWEEP_ASKERS = {8, 32, 128};
  private static final List<String> WAITS = List.of("wait-0", "wait-1", "wait-2", "wait-5");
  private static final String CONTROLLERS =
      """
      clipper.replica.batching.models {
        aimd { controller = aimd }
        wait-0 { controller = delayed, delay = 0 ms }
        wait-1 { controller = delayed, delay = 1 ms }
        wait-2 { controller = delayed, delay = 2 ms }
        wait-5 { controller = delayed, delay = 5 ms }
      }
      """;
  /** Of the model that is overloaded: 8 rows take 10 ms, which is 800 a second. */
  private static final long SLOW_ROW_MICROS = 1000;
  private static final double SLOW_CAPACITY = 800;

  private final Duration time;

  Batching(Duration time) {
    this.time = time;
  }

  @Override
  public String name() {
    return "batching";
  }

  @Override
  public void run(Path folder, Report report) throws IOException, InterruptedException {
    Files.writeString(folder.resolve("settings.conf"), CONTROLLERS);
    ClipperNode node = ClipperNode.start(LoadNode.options(folder, false));
    try {
      deploy(node.serving(), "none", 1, ROW_MICROS);
      deploy(node.serving(), "aimd", ModelVersion.ADAPTIVE, ROW_MICROS);
      deploy(node.serving(), "default", ModelVersion.ADAPTIVE, ROW_MICROS);
      deploy(node.serving(), "overloaded", ModelVersion.ADAPTIVE, SLOW_ROW_MICROS);
      for (String wait : WAITS) {
        deploy(node.serving(), wait, ModelVersion.ADAPTIVE, ROW_MICROS);
      }
      throughput(node, report);
      sweep(node, report);
      overload(node, report);
    } finally {
      node.close();
    }
  }

  private void throughput(ClipperNode node, Report report) throws IOException {
    double none = embedded(node, "none", CONNECTIONS, report).perSecond();
    embedded(node, "aimd", CONNECTIONS, report);
    EmbeddedLoad.Result ours = embedded(node, "default", CONNECTIONS, report);
    report.bar(ours.perSecond() >= 26 * none, "embedded: %.1f × no batching (26)".formatted(ours.perSecond() / none));
    report.bar(ours.millis(99) < SLO.toMillis(), "embedded: p99 %.2f ms (%d)".formatted(ours.millis(99), SLO.toMillis()));

    double noneOverHttp = http(node, "none", report).perSecondExpected();
    http(node, "aimd", report);
    Http oursOverHttp = http(node, "default", report);
    report.bar(
        oursOverHttp.perSecondExpected() >= 26 * noneOverHttp,
        "HTTP: %.1f × no batching (26)".formatted(oursOverHttp.perSecondExpected() / noneOverHttp));
    report.bar(oursOverHttp.result().millis(99) < SLO.toMillis(), "HTTP: p99 %.2f ms (%d)".formatted(oursOverHttp.result().millis(99), SLO.toMillis()));
  }

  private void sweep(ClipperNode node, Report report) {
    for (int askers : SWEEP_ASKERS) {
      double best = 0;
      double without = 0;
      for (String wait : WAITS) {
        double perSecond = embedded(node, wait, askers, report).perSecond();
        best = Math.max(best, perSecond);
        without = wait.equals("wait-0") ? perSecond : without;
      }
      double ours = embedded(node, "default", askers, report).perSecond();
      report.line("%d askers: the best fixed wait gives %.2f × no wait".formatted(askers, best / without));
      report.bar(ours >= 0.95 * best, "%d askers: the default has %.2f of the best (0.95)".formatted(askers, ours / best));
    }
  }

  private void overload(ClipperNode node, Report report) {
    EmbeddedLoad before = new EmbeddedLoad(node.serving().applications(), "overloaded");
    before.open(0.8 * SLOW_CAPACITY, WARM_UP);
    EmbeddedLoad.Result twice = before.open(2 * SLOW_CAPACITY, Duration.ofSeconds(10));
    LockSupport.parkNanos(Duration.ofSeconds(1).toNanos());
    EmbeddedLoad.Result after = before.open(0.8 * SLOW_CAPACITY, time);
    report.line(
        "twice the load: %.0f right/s, p99 %.2f ms; %d others, p50 %.2f, p99 %.2f ms"
            .formatted(twice.perSecond(), twice.millis(99), twice.defaults(), twice.defaultMillis(50), twice.defaultMillis(99)));
    report.bar(twice.millis(99) <= SLO.toMillis(), "p99 of what is accepted under twice the load: %.2f ms (%d)".formatted(twice.millis(99), SLO.toMillis()));
    report.bar(twice.defaultMillis(99) < 5, "p99 of refusals: %.2f ms (5)".formatted(twice.defaultMillis(99)));
    report.bar(twice.perSecond() >= 0.8 * SLOW_CAPACITY, "right answers under twice the load: %.0f/s (%.0f)".formatted(twice.perSecond(), 0.8 * SLOW_CAPACITY));
    double defaulted = 100.0 * after.defaults() / (after.right() + after.defaults());
    report.bar(defaulted <= 1, "a second later at 0.8 of what it can take: %.2f %% defaults (1)".formatted(defaulted));
  }

  private EmbeddedLoad.Result embedded(ClipperNode node, String application, int askers, Report report) {
    EmbeddedLoad.Result result = new EmbeddedLoad(node.serving().applications(), application).closed(askers, WARM_UP, time);
    report.line(
        "embedded, %s, %d askers: %,.0f right/s  p50 %.2f  p99 %.2f ms  defaults %.1f %%"
            .formatted(
                application,
                askers,
                result.perSecond(),
                result.millis(50),
                result.millis(99),
                100.0 * result.defaults() / Math.max(1, result.right() + result.defaults())));
    return result;
  }

  private record Http(HttpLoad.Result result) {
    double perSecondExpected() {
      return result.expected() * 1e9 / result.time().toNanos();
    }
  }

  private Http http(ClipperNode node, String application, Report report) throws IOException {
    Requests requests = new Requests();
    String path = "/" + application + "/predict";
    HttpLoad load = new HttpLoad(node.queryAddress(), () -> HttpLoad.post(path, requests.predict()), "\"default\":false");
    Http http = new Http(load.closed(CONNECTIONS, WARM_UP, time));
    report.line("HTTP, %s, %d connections: %,.0f right/s of %s".formatted(application, CONNECTIONS, http.perSecondExpected(), http.result()));
    return http;
  }

  private static void deploy(ServingNode node, String name, int batchSize, long rowMicros) {
    Signature signature = InputType.DOUBLES.signature();
    ModelId id = new ModelId(name, "1");
    ModelVersion version =
        new ModelVersion(
            id, signature, SimulatedRuntimeProvider.spec(1, FIXED_MICROS, rowMicros), Optional.empty(), List.of(), "", "", batchSize, false);
    Application application = new Application(name, signature, SLO, "-1", LearningSettings.DEFAULT, List.of());
    node.applications()
        .change(new CatalogChange.Deploy(version, Optional.empty(), Optional.of(application)))
        .thenCompose(changed -> node.replicas().whenSettled(id))
        .toCompletableFuture()
        .join();
  }
}
