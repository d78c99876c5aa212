package io.clipper.load.experiment;

import java.io.IOException;
import java.nio.file.Path;

/** A question to a real node, answered with figures. */
public interface Experiment {
  String name();

  /**
   * @param folder an empty one, for the data of its nodes
   * @param pages where {@code NAME.md} is, for its figures
   */
  void run(Path folder, Path pages, Findings findings) throws IOException;
}
