package io.clipper.model.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import io.clipper.model.runtime.oip.protocol.OpenInference;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The Python worker has tests of its own; here they run in an environment made from their pinned requirements. */
final class PythonWorkerTest {
  private static final Path WORKER = Path.of("python");
  /** Starts about as much as all the others together, as each of its workers imports large libraries: the two halves run side by side. */
  private static final String HEAVY = "tests.test_saved_models";
  private static final Duration TESTS = Duration.ofMinutes(15);

  @Test
  void itsOwnTestsPass() throws Exception {
    PythonEnvironment environment = PythonEnvironment.of(WORKER.resolve("requirements.txt"));
    Map<Boolean, List<String>> halves = modules().stream().collect(Collectors.partitioningBy(HEAVY::equals));
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (Future<PythonEnvironment.Outcome> run : halves.values().stream().map(half -> threads.submit(() -> run(environment, half))).toList()) {
        PythonEnvironment.Outcome outcome = run.get();
        assertThat(outcome.status()).as(outcome.said()).isZero();
        assertThat(outcome.said()).containsPattern("Ran [1-9][0-9]* tests");
      }
    }
  }

  private static List<String> modules() throws IOException {
    try (Stream<Path> files = Files.list(WORKER.resolve("tests"))) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.startsWith("test_") && name.endsWith(".py"))
          .map(name -> "tests." + name.substring(0, name.length() - ".py".length()))
          .sorted()
          .toList();
    }
  }

  private static PythonEnvironment.Outcome run(PythonEnvironment environment, List<String> modules) throws IOException, InterruptedException {
    return environment.run(WORKER, TESTS, Stream.concat(Stream.of("-m", "unittest"), modules.stream()).toArray(String[]::new));
  }

  @Test
  void itSpeaksTheProtocolThatThisSideIsCompiledFrom() throws Exception {
    byte[] descriptor = Files.readAllBytes(WORKER.resolve("clipper_worker").resolve("open_inference.binpb"));
    assertThat(FileDescriptorProto.parseFrom(descriptor)).isEqualTo(OpenInference.getDescriptor().toProto());
  }
}
