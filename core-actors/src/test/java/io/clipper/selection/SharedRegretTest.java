package io.clipper.selection;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Two partitions that take turns with the queries, and tell each other every hundred rounds, against one that has them all. */
class SharedRegretTest {
  private static final double HUNDRED_ROUNDS_OF_THE_MEAN_GAP = 100 * (.05 + .1 + .2 + .3) / 5;

  static Stream<PolicySettings> rewards() {
    return Stream.of(
        new PolicySettings("exp3", Map.of("eta", 0.1)),
        new PolicySettings("exp3", Map.of("eta", 0.01)),
        new PolicySettings("exp3"),
        new PolicySettings("exp3-ix"),
        new PolicySettings("tsallis-inf"),
        new PolicySettings("ucb1"),
        new PolicySettings("thompson"),
        new PolicySettings("thompson", Map.of("discount", 0.999)),
        new PolicySettings("thompson-gaussian"),
        new PolicySettings("linucb"),
        new PolicySettings("lints"),
        new PolicySettings("square-cb"),
        new PolicySettings("epsilon-greedy"));
  }

  static Stream<PolicySettings> labels() {
    return Stream.of(new PolicySettings("adahedge"), new PolicySettings("exp4"), new PolicySettings("fixed-share"));
  }

  @ParameterizedTest
  @MethodSource("rewards")
  void loseLittleMoreFromRewards(PolicySettings policy) {
    World world = List.of("thompson", "epsilon-greedy").contains(policy.name()) ? World.S1.often(4) : World.S1;
    double shared = world.meanSharedRegret(policy, 100);
    double alone = world.meanRegret(Policies.of(policy));
    // Of little a fifth is less than what two partitions that know nothing of each other lose in their first hundred rounds.
    assertThat(shared).isLessThan(alone > 30 ? 1.2 * alone : alone + HUNDRED_ROUNDS_OF_THE_MEAN_GAP);
  }

  @ParameterizedTest
  @MethodSource("labels")
  void loseAtMostAHundredRoundsMoreFromLabels(PolicySettings policy) {
    double shared = World.S1.meanSharedRegret(policy, 100);
    assertThat(shared).isLessThan(World.S1.meanRegret(Policies.of(policy)) + HUNDRED_ROUNDS_OF_THE_MEAN_GAP);
  }
}
