package io.clipper.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.clipper.catalog.CatalogChange;
import io.clipper.node.demo.Digits;
import io.clipper.node.demo.DigitsDemo;
import io.clipper.node.demo.HttpDemoNode;
import io.clipper.node.demo.Script;
import io.clipper.node.demo.Verdict;
import io.clipper.node.demo.Watcher;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The demonstration against a real node over HTTP: with labels every promise is kept, without them none that learning makes. */
class DigitsDemoOnANodeTest {
  /** How fast this machine is is not what is tested: no answer is to be a default for lateness. */
  private static final Duration PATIENT = Duration.ofSeconds(20);

  @Test
  void labelsTurnTheVoteAwayFromModelsThatBreakAndBackWhenTheyAreMended(@TempDir Path data) throws IOException {
    Verdict verdict = demonstrate(data, true);

    assertThat(verdict.bars()).allMatch(Verdict.Bar::met);
    assertThat(verdict.before()).isGreaterThan(0.95);
  }

  @Test
  void withoutLabelsTheVoteGoesWrongWithTheModels(@TempDir Path data) throws IOException {
    Verdict verdict = demonstrate(data, false);

    assertThat(verdict.met()).isFalse();
    assertThat(verdict.learnedAfter()).isEqualTo(verdict.uniformAfter()).isLessThan(0.6);
    assertThat(verdict.badWeights().values()).allMatch(weight -> weight > 0.19);
  }

  private static Verdict demonstrate(Path data, boolean feedback) throws IOException {
    try (ClipperNode node = TestNodes.start(data)) {
      CatalogChange patient =
          new CatalogChange.UpdateApplication(Quickstart.APPLICATION, Optional.of(PATIENT), Optional.empty(), Optional.empty());
      node.serving().applications().change(patient).toCompletableFuture().join();
      HttpDemoNode demoNode = new HttpDemoNode(TestNodes.client(node));
      return new DigitsDemo(demoNode, Script.BUNDLED, feedback, new Unwatched(), System::nanoTime).run(Digits.heldOut());
    }
  }

  private static final class Unwatched implements Watcher {
    @Override
    public void sees(Scene scene) {}

    @Override
    public void hears(String news) {}
  }
}
