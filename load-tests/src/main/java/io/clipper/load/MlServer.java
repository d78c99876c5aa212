package io.clipper.load;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** MLServer with the models of {@code bench/mlserver}, in an environment that is made once from its pinned requirements. */
final class MlServer {
  private static final Path MODELS = Path.of("bench", "mlserver").toAbsolutePath();
  private static final Path REQUIREMENTS = Path.of("..", "cluster-config", "src", "test", "python", "mlserver", "requirements.txt");

  private MlServer() {}

  /** The program; blocks until it is installed. */
  static Path installed() throws IOException, InterruptedException {
    return Virtualenv.programs("pass-through", REQUIREMENTS).resolve("mlserver");
  }

  /**
   * What {@code deploy} is told so that a node starts a server of its own for one of the models.
   *
   * @param model {@code plain}, or {@code batching} where the server gathers batches
   */
  static List<String> deployment(Path program, String model) {
    return List.of(
        "--command", "'%s' start '%s'".formatted(program, MODELS.resolve(model)), "--directory", MODELS.toString(), "--served-as", model,
        "--env", "PYTHONPATH=" + MODELS, "--env", "MLSERVER_HOST=127.0.0.1", "--env", "MLSERVER_PARALLEL_WORKERS=0", "--env", "MLSERVER_METRICS_ENDPOINT=",
        "--env", "MLSERVER_GRPC_PORT={port}", "--env", "MLSERVER_HTTP_PORT={free-port}");
  }
}
