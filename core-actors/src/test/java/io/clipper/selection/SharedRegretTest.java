package io.clipper.selection;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Two partitions that take turns with the queries, and tell each other every hundred rounds, against one that has them all. */
class SharedRegretTest {
  private static final int RUNS = World.THOROUGH ? 100 : 10;
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
        new PolicySettings("lints"),
        new PolicySettings("square-cb"),
        new PolicySettings("epsilon-greedy"));
  }

  /** And one that loses so little from rewards that a fifth of it is less than what two strangers lose in their first hundred rounds. */
  static Stream<PolicySettings> labels() {
    return Stream.of(new PolicySettings("adahedge"), new PolicySettings("exp4"), new PolicySettings("fixed-share"), new PolicySettings("linucb"));
  }

  @ParameterizedTest
  @MethodSource("rewards")
  void loseLittleMoreFromRewards(PolicySettings policy) {
    boolean varies = List.of("thompson", "epsilon-greedy").contains(policy.name());
    World world = World.S1.runs(varies ? 4 * RUNS : RUNS);
    double shared = world.meanSharedRegret(policy, 100);
    assertThat(shared).isLessThan(1.2 * world.meanRegret(Policies.of(policy)));
  }

  @ParameterizedTest
  @MethodSource("labels")
  void loseAtMostAHundredRoundsMore(PolicySettings policy) {
    World world = World.S1.runs(RUNS);
    double shared = world.meanSharedRegret(policy, 100);
    assertThat(shared).isLessThan(world.meanRegret(Policies.of(policy)) + HUNDRED_ROUNDS_OF_THE_MEAN_GAP);
  }
}
