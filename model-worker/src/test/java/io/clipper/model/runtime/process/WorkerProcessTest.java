package io.clipper.model.runtime.process;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.clipper.model.ModelId;
import io.clipper.model.runtime.ModelLoadException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Shells stand for workers: each starts a process that goes on by itself, and says its number. */
class WorkerProcessTest {
  private static final ModelId ID = new ModelId("m", "1");
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final String STARTS_ANOTHER = "sleep 600 & echo ready $!; read line";
  private static final long MANY_BYTES = 100L << 20;

  @TempDir private Path data = Path.of("");
  private final List<ProcessHandle> started = new ArrayList<>();
  private final List<WorkerProcess> workers = new ArrayList<>();

  /** A worker is taken off the list in the folder after its end, which is not to meet the folder's deletion. */
  @AfterEach
  void end() throws Exception {
    started.forEach(ProcessHandle::destroyForcibly);
    for (WorkerProcess worker : workers) {
      worker.kill();
      worker.exited().toCompletableFuture().get(60, SECONDS);
    }
  }

  @Test
  void whatAWorkerStartedEndsWithIt() throws Exception {
    WorkerProcess worker = start("sh", "-c", STARTS_ANOTHER);
    ProcessHandle child = child(worker);

    worker.stop(PATIENCE).toCompletableFuture().get(30, SECONDS);

    assertThat(child.onExit().get(60, SECONDS).isAlive()).isFalse();
    assertThat(worker.exited().toCompletableFuture().get(60, SECONDS)).contains("status");
  }

  @Test
  void aWorkerThatIsKilledTakesAllThatItStartedAlong() throws Exception {
    WorkerProcess worker = start("sh", "-c", "sh -c 'sleep 600 & echo ready $!; wait'; read line");
    ProcessHandle grandchild = child(worker);

    worker.kill();

    assertThat(grandchild.onExit().get(60, SECONDS).isAlive()).isFalse();
  }

  @Test
  void whatACrashedWorkerStartedInItsSessionIsEnded() throws Exception {
    WorkerProcess worker = start("setsid", "sh", "-c", STARTS_ANOTHER);
    ProcessHandle child = child(worker);

    ProcessHandle.of(worker.pid()).orElseThrow().destroyForcibly();

    assertThat(worker.exited().toCompletableFuture().get(60, SECONDS)).contains("status 137");
    assertThat(child.onExit().get(60, SECONDS).isAlive()).isFalse();
  }

  @Test
  void whatLeftTheSessionOfACrashedWorkerIsEnded() throws Exception {
    WorkerProcess worker = start("sh", "-c", "setsid sh -c 'echo ready $$; exec sleep 600' & read line");
    ProcessHandle child = child(worker);

    ProcessHandle.of(worker.pid()).orElseThrow().destroyForcibly();

    assertThat(worker.exited().toCompletableFuture().get(60, SECONDS)).contains("status 137");
    assertThat(child.onExit().get(60, SECONDS).isAlive()).isFalse();
  }

  @Test
  void theNextNodeEndsWhatOutlivedAWorkerOfAnEarlierOne() throws Exception {
    Path list = data.resolve("workers");
    Mark mark = Mark.fresh();
    ProcessBuilder orphan = new ProcessBuilder("sleep", "600");
    mark.into(orphan.environment());
    ProcessHandle outlived = orphan.start().toHandle();
    started.add(outlived);
    Files.writeString(list, "1 0 %s\n1 0 %s\n".formatted(Mark.fresh().word(), mark.word()));

    Orphans.sweep(list);

    assertThat(outlived.onExit().get(60, SECONDS).isAlive()).isFalse();
    assertThat(list).isEmptyFile();
  }

  @Test
  void aMarkIsFoundBesideThoseOfProcessesAround() throws Exception {
    Mark outer = Mark.fresh();
    Mark inner = Mark.fresh();
    ProcessBuilder nested = new ProcessBuilder("sleep", "600");
    outer.into(nested.environment());
    inner.into(nested.environment());
    ProcessHandle process = nested.start().toHandle();
    started.add(process);

    assertThat(outer.bearers()).containsExactly(process);
    assertThat(inner.bearers()).containsExactly(process);
    assertThat(Mark.fresh().bearers()).isEmpty();
  }

  @Test
  void theMemoryOfWhatAWorkerStartedCounts() throws Exception {
    // The last line of many bytes without an end is kept until there is one.
    WorkerProcess worker = start("sh", "-c", "(head -c %d /dev/zero; sleep 600) | tail > /dev/null & echo ready $!; read line".formatted(MANY_BYTES));
    child(worker);

    long giveUpAt = System.nanoTime() + PATIENCE.toNanos();
    while (worker.residentBytes() < MANY_BYTES) {
      assertThat(System.nanoTime()).as("it has %d bytes", worker.residentBytes()).isLessThan(giveUpAt);
    }
    worker.kill();
  }

  @Test
  void aWorkerThatCannotBeListedIsEnded() throws Exception {
    Orphans orphans = Orphans.sweep(data.resolve("workers"));
    List<ProcessHandle> before = ProcessHandle.current().children().toList();
    fillTheDisk();

    assertThatThrownBy(() -> WorkerProcess.start(ID, List.of("sleep", "600"), Map.of(), Optional.empty(), orphans))
        .isInstanceOf(ModelLoadException.class)
        .hasMessageContaining("the list of worker processes cannot be written");

    for (ProcessHandle child : ProcessHandle.current().children().filter(child -> !before.contains(child)).toList()) {
      started.add(child);
      assertThat(child.onExit().get(10, SECONDS).isAlive()).isFalse();
    }
  }

  @Test
  void theEndOfAWorkerIsToldAlsoWhereItCannotBeTakenOffTheList() throws Exception {
    WorkerProcess worker = start("sh", "-c", "echo out of memory >&2; echo ready now; read line; exit 3");
    worker.awaitReady(PATIENCE);
    fillTheDisk();

    worker.stop(PATIENCE).toCompletableFuture().get(10, SECONDS);

    assertThat(worker.exited().toCompletableFuture().get(10, SECONDS)).isEqualTo("the worker ended with status 3: out of memory");
  }

  @Test
  void aLineWithoutEndIsCut() throws Exception {
    WorkerProcess worker = start("sh", "-c", "head -c 1000000 /dev/zero | tr '\\0' x >&2; exit 3");

    assertThatThrownBy(() -> worker.awaitReady(PATIENCE)).hasMessage("the worker ended with status 3: %s…".formatted("x".repeat(Lines.LONGEST)));
  }

  /** No list can be written any more. */
  private void fillTheDisk() throws IOException {
    Files.createDirectory(data.resolve("workers.unfinished"));
  }

  private WorkerProcess start(String... command) throws ModelLoadException, IOException {
    WorkerProcess worker = WorkerProcess.start(ID, List.of(command), Map.of(), Optional.empty(), Orphans.sweep(data.resolve("workers")));
    workers.add(worker);
    return worker;
  }

  private ProcessHandle child(WorkerProcess worker) throws ModelLoadException {
    ProcessHandle child = ProcessHandle.of(Long.parseLong(worker.awaitReady(PATIENCE))).orElseThrow();
    started.add(child);
    assertThat(child.isAlive()).isTrue();
    return child;
  }
}
