package io.clipper.selection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.clipper.catalog.LearningSettings;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PoliciesTest {
  @Test
  void everyNameGivesThePolicyOfThatName() {
    assertThat(Policies.names()).containsExactly(
            "adahedge", "epsilon-greedy", "exp3", "exp3-ix", "exp4", "fixed-share", "lints", "linucb", "single", "square-cb", "thompson",
            "thompson-gaussian", "tsallis-inf", "ucb1", "uniform");
    assertThat(Policies.names()).allSatisfy(name -> assertThat(Policies.of(new PolicySettings(name)).name()).isEqualTo(name));
  }

  @Test
  void anUnknownNameIsRefusedWithThoseThereAre() {
    assertThatThrownBy(() -> new PolicySettings("softmax"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("policy 'softmax' is not one of " + String.join(", ", Policies.names()));
  }

  @Test
  void anUnknownOptionIsRefusedWithThoseThereAre() {
    assertThatThrownBy(() -> new PolicySettings("fixed-share", Map.of("gamma", 0.5)))
        .hasMessage("option gamma=0.5 of policy 'fixed-share' is not one of "
            + "[eta (above 0.0, at most 1000000.0), share (at least 0.0, at most 1.0)]");
    assertThatThrownBy(() -> new PolicySettings("single", Map.of("eta", 0.5))).hasMessageContaining("'single' is not one of []");
  }

  @Test
  void aValueOutsideItsRangeIsRefused() {
    assertThatThrownBy(() -> new PolicySettings("exp3", Map.of("eta", 0.0))).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new PolicySettings("exp4", Map.of("eta", Double.NaN))).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new PolicySettings("epsilon-greedy", Map.of("epsilon", 1.1))).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new PolicySettings("fixed-share", Map.of("share", -0.1))).isInstanceOf(IllegalArgumentException.class);
    assertThat(new PolicySettings("epsilon-greedy", Map.of("epsilon", 0.0)).options()).containsEntry("epsilon", 0.0);
  }

  @Test
  void anApplicationWithoutAPolicyHasOneThatFitsItsModels() {
    assertThat(PolicySettings.of(LearningSettings.DEFAULT, 0)).isEqualTo(new PolicySettings("single"));
    assertThat(PolicySettings.of(LearningSettings.DEFAULT, 1)).isEqualTo(new PolicySettings("single"));
    assertThat(PolicySettings.of(LearningSettings.DEFAULT, 2)).isEqualTo(new PolicySettings("fixed-share"));
  }
}
