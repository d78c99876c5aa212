package io.clipper.model.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import io.clipper.model.runtime.oip.protocol.OpenInference;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** The Python worker has tests of its own; here they run in an environment made from their pinned requirements. */
final class PythonWorkerTest {
  private static final Path WORKER = Path.of("python");
  private static final Duration TESTS = Duration.ofMinutes(5);

  @Test
  void itsOwnTestsPass() throws Exception {
    PythonEnvironment environment = PythonEnvironment.of(WORKER.resolve("requirements.txt"));
    PythonEnvironment.Outcome outcome = environment.run(WORKER, TESTS, "-B", "-m", "unittest");
    assertThat(outcome.status()).as(outcome.said()).isZero();
    assertThat(outcome.said()).containsPattern("Ran [1-9][0-9]* tests");
  }

  @Test
  void itSpeaksTheProtocolThatThisSideIsCompiledFrom() throws Exception {
    byte[] descriptor = Files.readAllBytes(WORKER.resolve("clipper_worker").resolve("open_inference.binpb"));
    assertThat(FileDescriptorProto.parseFrom(descriptor)).isEqualTo(OpenInference.getDescriptor().toProto());
  }
}
