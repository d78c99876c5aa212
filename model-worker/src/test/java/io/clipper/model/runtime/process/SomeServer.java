package io.clipper.model.runtime.process;

import io.clipper.model.ModelId;
import io.clipper.model.runtime.ModelRuntime;
import io.clipper.model.runtime.Runtimes;
import io.clipper.model.runtime.ThreadBudget;
import io.clipper.model.runtime.oip.OipServer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;

/** A server of the protocol that knows nothing of nodes: it says nothing when it is ready, and reads no standard input. */
final class SomeServer {
  private SomeServer() {}

  /** Takes where it listens, and the model's name and version. */
  public static void main(String[] arguments) throws Exception {
    ModelId model = new ModelId(arguments[1], arguments[2]);
    ModelRuntime runtime = Runtimes.found(new ThreadBudget(1)).load(model, FaultyModels.spec(), Optional.empty());
    OipServer.start(arguments[0], model, runtime, Duration.ofMinutes(1));
    new CountDownLatch(1).await();
  }

  static List<String> command(String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-cp", System.getProperty("java.class.path"), SomeServer.class.getName()));
    command.addAll(List.of(arguments));
    return command;
  }
}
