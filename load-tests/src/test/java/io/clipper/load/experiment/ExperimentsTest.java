package io.clipper.load.experiment;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Short versions, with every bar that so few queries can hold. */
class ExperimentsTest {
  @TempDir private Path folder;

  @Test
  void recoveryFromThreeBrokenModels() throws IOException {
    run(new FailureRecovery(2_400, List.of("single", "uniform", "fixed-share")));
  }

  @Test
  void aUsersOwnStateKnowsTheDialectAfterTenLabels() throws IOException {
    run(new Personalisation(3));
  }

  /** A model that is never in time has a fifth of the choice, and of the answers the default, as long as nobody learns that. */
  @Test
  void whoIsAlwaysLateIsHardlyPlayedAnyMore() throws IOException {
    run(new FailingModels(400, List.of(Fault.LATE), 0.1));
  }

  @Test
  void setsAndIntervalsHoldUnderAShift() throws IOException {
    run(new CoverageUnderShift(2_600, 2));
  }

  private void run(Experiment experiment) throws IOException {
    Path pages = Files.createDirectory(folder.resolve("pages"));
    Files.writeString(pages.resolve(experiment.name() + ".md"), "<!-- measured -->\n<!-- /measured -->\n");
    Noted noted = new Noted();

    experiment.run(folder.resolve("node"), pages, noted);

    assertThat(noted.missed).isEmpty();
    assertThat(noted.held).isPositive();
    assertThat(Files.readString(pages.resolve(experiment.name() + ".md"))).contains(" % |");
    assertThat(Files.readString(pages.resolve(experiment.name() + ".svg"))).contains("<polyline").doesNotContain("NaN");
  }

  private static final class Noted implements Findings {
    private final List<String> missed = new ArrayList<>();
    private int held;

    @Override
    public void line(String text) {
      System.out.println(text);
    }

    @Override
    public void bar(boolean holds, String text) {
      line(text);
      held += holds ? 1 : 0;
      if (!holds) {
        missed.add(text);
      }
    }
  }
}
