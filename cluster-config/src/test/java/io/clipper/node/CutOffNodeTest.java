package io.clipper.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.clipper.Refused;
import io.clipper.catalog.CatalogChange;
import io.clipper.catalog.ModelVersion;
import io.clipper.model.InputType;
import io.clipper.model.ModelId;
import io.clipper.model.runtime.RuntimeSpec;
import io.clipper.node.command.HostPort;
import io.clipper.node.command.NodeOptions;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.StreamSupport;
import org.apache.pekko.actor.Address;
import org.apache.pekko.cluster.Member;
import org.apache.pekko.cluster.typed.Cluster;
import org.apache.pekko.cluster.typed.Down;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A node that its cluster went on without. */
class CutOffNodeTest {
  private static final long PATIENCE_SECONDS = 120;
  private static final CatalogChange HELD =
      new CatalogChange.Deploy(
          ModelVersion.of(
              new ModelId("held", "1"), InputType.DOUBLES.signature(), new RuntimeSpec.PlugIn(HeldModel.KIND, Map.of()), Optional.empty()),
          Optional.empty(),
          Optional.empty());

  @TempDir private Path folder;

  private final BlockingQueue<ClipperNode> served = new LinkedBlockingQueue<>();
  private final BlockingQueue<Refused> waited = new LinkedBlockingQueue<>();
  private final BlockingQueue<String> cutOff = new LinkedBlockingQueue<>();

  @Test
  void itWaitsForItsDatabaseAndServesAgain() throws Exception {
    EmbeddedPostgres gone = postgres().setPort(TestNodes.unused()).start();
    CompletableFuture<@Nullable Void> ended = run(gone.getJdbcUrl("postgres", "postgres"));
    try {
      ClipperNode first = next(served);

      end(gone);
      Cluster cluster = Cluster.get(first.system());
      cluster.manager().tell(new Down(cluster.selfMember().address()));

      assertThat(next(waited)).hasMessageContaining("no connection to the database").hasMessageContaining("--jdbc");
      assertThat(ended).isNotDone();
      EmbeddedPostgres back = postgres().setPort(gone.getPort()).start();
      try {
        ClipperNode second = next(served);
        assertThat(second.serving().applications().catalog().applications()).containsKey("digits");
        second.close();
        assertThat(ended).succeedsWithin(Duration.ofSeconds(PATIENCE_SECONDS));
      } finally {
        end(back);
      }
    } finally {
      end(gone);
    }
  }

  @Test
  void itJoinsAgainThoughItNeverServedAndWhoIsThereThen() throws Exception {
    AtomicReference<List<HostPort>> there = new AtomicReference<>(List.of());
    CompletableFuture<@Nullable Void> ended;
    ClipperNode last;
    HeldModel.hold();
    try (ClipperNode first = ClipperNode.start(TestNodes.options(folder.resolve("first"), 0, 0, false))) {
      first.serving().applications().change(HELD).toCompletableFuture().join();
      HeldModel.expectAny();
      there.set(List.of(TestNodes.place(first)));
      int admin = TestNodes.unused();
      ended = run(TestNodes.finding(folder.resolve("node"), admin, there::get));
      URI ready = URI.create("http://127.0.0.1:%d/health/ready".formatted(admin));
      Awaitility.await()
          .atMost(PATIENCE_SECONDS, TimeUnit.SECONDS)
          .ignoreExceptions()
          .untilAsserted(() -> assertThat(TestNodes.text(ready)).contains("starting: waits for models to load: held:1"));

      Cluster.get(first.system()).manager().tell(new Down(beside(first)));

      next(cutOff);
      assertThat(served).as("before it served").isEmpty();
      HeldModel.release();
      last = next(served);
      assertThat(last.serving().applications().catalog().model("held")).isPresent();
    } finally {
      HeldModel.release();
    }
    try (ClipperNode other = ClipperNode.start(TestNodes.options(folder.resolve("other"), 0, 0, false))) {
      there.set(List.of(TestNodes.place(other)));
      Cluster alone = Cluster.get(last.system());

      alone.manager().tell(new Down(alone.selfMember().address()));

      next(cutOff);
      ClipperNode again = next(served);
      assertThat(again.serving().members().all()).contains(TestNodes.place(other).toString());
      again.close();
      assertThat(ended).succeedsWithin(Duration.ofSeconds(PATIENCE_SECONDS));
    }
  }

  private EmbeddedPostgres.Builder postgres() {
    return EmbeddedPostgres.builder()
        .setPGStartupWait(Duration.ofSeconds(PATIENCE_SECONDS))
        .setDataDirectory(folder.resolve("postgresql"))
        .setCleanDataDirectory(false);
  }

  /** Returns when its server is gone, for which its own end waits five seconds at most. */
  private void end(EmbeddedPostgres postgres) throws Exception {
    Path running = folder.resolve("postgresql").resolve("postmaster.pid");
    Optional<ProcessHandle> server =
        Files.exists(running) ? ProcessHandle.of(Long.parseLong(Files.readAllLines(running).getFirst())) : Optional.empty();
    postgres.close();
    if (server.isPresent()) {
      server.get().onExit().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }
  }

  /** The one member beside it. */
  private static Address beside(ClipperNode node) {
    Cluster cluster = Cluster.get(node.system());
    return StreamSupport.stream(cluster.state().getMembers().spliterator(), false)
        .map(Member::address)
        .filter(address -> !address.equals(cluster.selfMember().address()))
        .findFirst()
        .orElseThrow();
  }

  private CompletableFuture<@Nullable Void> run(String jdbc) throws IOException {
    return run(TestNodes.over(jdbc, folder.resolve("node"), Files.createFile(folder.resolve("settings.conf")), List.of()));
  }

  private CompletableFuture<@Nullable Void> run(NodeOptions options) {
    Lives lives =
        new Lives() {
          @Override
          public void serves(ClipperNode node) {
            served.add(node);
          }

          @Override
          public void starts(String waitsFor) {}

          @Override
          public void cutOff() {
            cutOff.add("cut off");
          }

          @Override
          public void waits(Refused because) {
            waited.add(because);
          }
        };
    return CompletableFuture.runAsync(() -> ClipperNode.run(options, lives));
  }

  private static <T> T next(BlockingQueue<T> told) throws InterruptedException {
    T next = told.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
    assertThat(next).isNotNull();
    return next;
  }
}
