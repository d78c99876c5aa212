package io.clipper.model.runtime.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.clipper.model.ModelId;
import io.clipper.model.runtime.RuntimeSpec;
import io.clipper.model.runtime.oip.Health;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class WatchingTest {
  @Test
  void missesInARowLoseAWorkerAndOneAnswerMakesUpForAll() {
    Health health = Health.unharmed(3).after(false).after(false);

    assertThat(health.isLost()).isFalse();
    assertThat(health.after(true).after(false).after(false).isLost()).isFalse();
    assertThat(health.after(false).isLost()).isTrue();
  }

  @Test
  void theResidentSizeIsReadInBytes() {
    assertThat(ResidentSize.read("Name:\tjava\nVmPeak:\t  900 kB\nVmRSS:\t  123456 kB\nThreads:\t9\n")).hasValue(123456L * 1024);
    assertThat(ResidentSize.read("Name:\tzombie\n")).isEmpty();
  }

  @Test
  void aProcessIsItselfAndNoOtherOfItsNumber() {
    ProcessIdentity self = ProcessIdentity.of(ProcessHandle.current().pid()).orElseThrow();

    assertThat(ProcessIdentity.parse(self.line())).isEqualTo(self);
    assertThat(self.isAlive()).isTrue();
    assertThat(new ProcessIdentity(self.pid(), "1").isAlive()).isFalse();
  }

  @Test
  void theTailKeepsTheLastLines() {
    Tail tail = new Tail();
    for (int i = 0; i < 100; i++) {
      tail.add("line " + i);
    }

    assertThat(tail.text().lines()).hasSize(12).startsWith("line 88").endsWith("line 99");
  }

  @Test
  void theTailOfLongLinesHasFewer() {
    Tail tail = new Tail();
    String half = "x".repeat(Lines.LONGEST / 2);
    tail.add("first");
    tail.add(half);
    tail.add(half);

    assertThat(tail.text()).isEqualTo(half + "\n" + half);
  }

  @Test
  void linesEndInEitherWayAndLongOnesAreCut() throws Exception {
    assertThat(lines("a\r\nb\rc\n\nd")).containsExactly("a", "b", "c", "", "d");
    String longest = "é".repeat(Lines.LONGEST);
    assertThat(lines(longest + "\n" + longest + longest + longest + "\nb\n" + longest + "x")).containsExactly(longest, longest + "…", "b", longest + "…");
  }

  private static List<String> lines(String written) throws IOException {
    List<String> lines = new ArrayList<>();
    Lines.read(new ByteArrayInputStream(written.getBytes(StandardCharsets.UTF_8)), lines::add);
    return lines;
  }

  @Test
  void aWorkersCommandLineIsReadAsItWasWritten() {
    WorkerArguments arguments =
        new WorkerArguments("unix:/tmp/s", new ModelId("m", "2"), "faulty", Map.of("sleep", "a=b"), Optional.of(Path.of("/a b")), 3);

    assertThat(WorkerArguments.parse(arguments.line())).isEqualTo(arguments);
    assertThat(arguments.stuckTimeout()).isEqualTo(Duration.ofSeconds(60));
    assertThat(WorkerArguments.parse(with(arguments, "0.25")).stuckTimeout()).isEqualTo(Duration.ofMillis(250));
    assertThat(arguments.spec()).isEqualTo(new RuntimeSpec.PlugIn("faulty", Map.of("sleep", "a=b")));
  }

  private static List<String> with(WorkerArguments arguments, String stuckTimeout) {
    return Stream.concat(arguments.line().stream(), Stream.of("--stuck-timeout", stuckTimeout)).toList();
  }

  @Test
  void aWrongCommandLineIsRefusedByItsArgument() {
    assertThatIllegalArgumentException().isThrownBy(() -> WorkerArguments.parse(List.of("--listen", "x", "--runtime", "onnx"))).withMessage("--name is missing");
    assertThatIllegalArgumentException().isThrownBy(() -> WorkerArguments.parse(List.of("--what", "x"))).withMessageContaining("--what");
    List<String> soon = List.of("--listen", "x", "--name", "m", "--runtime", "onnx", "--stuck-timeout", "soon");
    assertThatIllegalArgumentException().isThrownBy(() -> WorkerArguments.parse(soon)).withMessageContaining("--stuck-timeout is seconds");
  }
}
