package io.clipper.load;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StoreHeldTest {
  @Test
  void predictionsGoOnWhileTheStoreStandsStillAndFeedbackAfterwards(@TempDir Path folder) throws IOException, InterruptedException {
    Proof.of(new StoreHeld(Duration.ofSeconds(10), Duration.ofSeconds(2), 50, false), folder);
  }
}
