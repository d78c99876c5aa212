package io.clipper.load;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KillNineTest {
  private static final long SEED = 7;

  @Test
  void whatWasAcknowledgedIsThereAfterEachKill(@TempDir Path folder) throws IOException, InterruptedException {
    Proof.of(new KillNine(2, 4, Duration.ofMillis(1000), Duration.ofMillis(1500), SEED), folder);
  }
}
