package io.clipper.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.clipper.Refused;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.apache.pekko.cluster.typed.Cluster;
import org.apache.pekko.cluster.typed.Down;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A node that its cluster went on without, whose database is gone at the time. */
class CutOffNodeTest {
  private static final long PATIENCE_SECONDS = 120;

  @TempDir private Path folder;

  private final BlockingQueue<ClipperNode> served = new LinkedBlockingQueue<>();
  private final BlockingQueue<Refused> waited = new LinkedBlockingQueue<>();

  @Test
  void itWaitsForItsDatabaseAndServesAgain() throws Exception {
    EmbeddedPostgres gone = postgres().start();
    CompletableFuture<@Nullable Void> ended = run(gone.getJdbcUrl("postgres", "postgres"));
    try {
      ClipperNode first = next(served);

      gone.close();
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
        back.close();
      }
    } finally {
      gone.close();
    }
  }

  private EmbeddedPostgres.Builder postgres() {
    return EmbeddedPostgres.builder().setDataDirectory(folder.resolve("postgresql")).setCleanDataDirectory(false);
  }

  private CompletableFuture<@Nullable Void> run(String jdbc) throws IOException {
    Path settings = Files.createFile(folder.resolve("settings.conf"));
    Lives lives =
        new Lives() {
          @Override
          public void serves(ClipperNode node) {
            served.add(node);
          }

          @Override
          public void starts(String waitsFor) {}

          @Override
          public void cutOff() {}

          @Override
          public void waits(Refused because) {
            waited.add(because);
          }
        };
    return CompletableFuture.runAsync(() -> ClipperNode.run(TestNodes.over(jdbc, folder.resolve("node"), settings, List.of()), lives));
  }

  private static <T> T next(BlockingQueue<T> told) throws InterruptedException {
    T next = told.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
    assertThat(next).isNotNull();
    return next;
  }
}
