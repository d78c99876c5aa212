package io.clipper.load;

import io.clipper.catalog.Application;
import io.clipper.catalog.CatalogChange;
import io.clipper.catalog.LearningSettings;
import io.clipper.catalog.ModelVersion;
import io.clipper.model.InputType;
import io.clipper.model.ModelId;
import io.clipper.node.ClipperNode;
import io.clipper.node.command.NodeOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/**
 * A node to measure by hand: the bundled digits, and an application {@code noop} of doubles whose one model answers at once, in process.
 * Beside it, on the port after the query port, the same HTTP server answers a constant.
 */
public final class BenchNode {
  private static final String ANSWER =
      "{\"query_id\":1,\"output\":1.0,\"default\":false,\"agreement\":1.0,\"confidence\":null,"
          + "\"models\":[{\"name\":\"noop\",\"version\":\"1\",\"output\":1.0,\"weight\":1.0,\"cached\":true,\"late\":false}]}";

  private BenchNode() {}

  /** A data directory and the query port. */
  public static void main(String[] arguments) {
    int port = Integer.parseInt(arguments[1]);
    ClipperNode node = ClipperNode.start(options(Path.of(arguments[0]), port));
    CompletableFuture<?> deployed = CompletableFuture.completedFuture(null);
    if (!node.serving().applications().catalog().applications().containsKey("noop")) {
      deployed = deploy(node).toCompletableFuture();
    }
    deployed.thenCompose(done -> node.serving().replicas().whenSettled(new ModelId("noop", "1"))).join();
    ConstantServer.start(node.system(), port + 1, ANSWER).toCompletableFuture().join();
    System.out.printf("ready: noop and digits on %d, a constant on %d%n", port, port + 1);
    node.stopped().toCompletableFuture().join();
  }

  private static CompletableFuture<?> deploy(ClipperNode node) {
    ModelVersion version =
        ModelVersion.of(
            new ModelId("noop", "1"), InputType.DOUBLES.signature(), SimulatedRuntimeProvider.spec(1.0, 0, 0), Optional.empty());
    Application application =
        new Application("noop", InputType.DOUBLES.signature(), Duration.ofMillis(20), "-1", LearningSettings.DEFAULT, List.of());
    return node.serving()
        .applications()
        .change(new CatalogChange.Deploy(version, Optional.empty(), Optional.of(application)))
        .toCompletableFuture();
  }

  private static NodeOptions options(Path data, int port) {
    return new NodeOptions(
        data,
        Optional.of(port),
        Optional.of(port + 2),
        Optional.of(port + 3),
        Optional.of(0),
        "127.0.0.1",
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        false,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        List.of(),
        Set.of(),
        true,
        Optional.empty());
  }
}
