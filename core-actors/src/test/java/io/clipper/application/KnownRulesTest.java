package io.clipper.application;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.clipper.catalog.Application;
import io.clipper.catalog.LearningSettings;
import io.clipper.model.InputType;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class KnownRulesTest {
  private final KnownRules rules = new KnownRules();

  @Test
  void aThresholdNeedsAConfidenceThatCanBeSaid() {
    assertThatThrownBy(() -> rules.check(application("exp3", "agreement"))).hasMessageContaining("confidence_threshold").hasMessageContaining("exp3");
    assertThatCode(() -> rules.check(application("exp3", "probability"))).doesNotThrowAnyException();
    assertThatCode(() -> rules.check(application("fixed-share", "agreement"))).doesNotThrowAnyException();
  }

  @Test
  void aNameThatIsNotKnownIsRefusedWithThoseThatAre() {
    assertThatThrownBy(() -> rules.check(application("best", "agreement"))).hasMessageContaining("'best'").hasMessageContaining("fixed-share");
    assertThatThrownBy(() -> rules.check(application("exp4", "trust"))).hasMessageContaining("'trust'").hasMessageContaining("weighted");
  }

  @Test
  void aCombinerIsKnownByItsNameAndItsOptions() {
    assertThatCode(() -> rules.check(combining("median", Map.of()))).doesNotThrowAnyException();
    assertThatThrownBy(() -> rules.check(combining("mode", Map.of()))).hasMessageContaining("'mode'").hasMessageContaining("median");
    assertThatThrownBy(() -> rules.check(combining("median", Map.of("rate", 1.0)))).hasMessageContaining("rate=1.0");
  }

  @Test
  void aCombinerThatLearnsIsKnownLikeAnyOther() {
    assertThatCode(() -> rules.check(combining("stacking", Map.of("rate", 0.2)))).doesNotThrowAnyException();
    assertThatThrownBy(() -> rules.check(combining("stacking", Map.of("rate", 0.0)))).hasMessageContaining("rate=0.0");
  }

  private static Application combining(String combiner, Map<String, Double> options) {
    return application("fixed-share", "agreement", Optional.of(combiner), options);
  }

  private static Application application(String policy, String confidence) {
    return application(policy, confidence, Optional.empty(), Map.of());
  }

  private static Application application(String policy, String confidence, Optional<String> combiner, Map<String, Double> options) {
    LearningSettings d = LearningSettings.DEFAULT;
    LearningSettings learning =
        new LearningSettings(
            Optional.of(policy),
            Map.of(),
            combiner,
            options,
            d.loss(),
            Optional.of(confidence),
            Optional.of(0.5),
            d.tolerance(),
            d.onOverload(),
            d.partitions(),
            d.shadow(),
            d.missingLoss(),
            d.lateLoss(),
            d.maxAsked(),
            d.certainty());
    return new Application("a", InputType.DOUBLES.signature(), Duration.ofMillis(20), "", learning, List.of("m", "n"));
  }
}
