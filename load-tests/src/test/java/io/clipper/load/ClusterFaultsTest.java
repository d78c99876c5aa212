package io.clipper.load;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClusterFaultsTest {
  @Test
  void aNodeThatIsKilledTakesNothingAlong(@TempDir Path folder) throws IOException, InterruptedException {
    Proof.of(ClusterFaults.brief(), folder);
  }
}
