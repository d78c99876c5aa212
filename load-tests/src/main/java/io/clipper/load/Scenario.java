package io.clipper.load;

import java.io.IOException;
import java.nio.file.Path;

/** One proof: a load, a fault or both, on nodes of its own. */
interface Scenario {
  String name();

  /** @param folder an empty one, for the data of its nodes */
  void run(Path folder, Report report) throws IOException, InterruptedException;
}
