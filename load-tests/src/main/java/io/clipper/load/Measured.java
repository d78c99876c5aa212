package io.clipper.load;

import io.clipper.load.experiment.Experiment;
import java.io.IOException;
import java.nio.file.Path;

/** An experiment among the scenarios; {@code -Dpages=} says where its page is, seen from this module. */
record Measured(Experiment experiment) implements Scenario {
  @Override
  public String name() {
    return experiment.name();
  }

  @Override
  public void run(Path folder, Report report) throws IOException {
    experiment.run(folder, Path.of(System.getProperty("pages", "../docs/experiments")), report);
  }
}
