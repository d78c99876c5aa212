package io.clipper.selection;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Two partitions that take turns with the queries, and tell each other every hundred rounds, against one that has them all. */
class SharedRegretTest {
  private static final double HUNDRED_ROUNDS_OF_THE_MEAN_GAP = 100 * (.05 + .1 + .2 + .3) / 5;

  static Stream<Arguments> rewards() {
    return Stream.of(new Exp3(0.1), new Exp3(0), new Exp3Ix(0), new TsallisInf(), new Ucb1(2), new Thompson(Thompson.Posterior.BETA, 1), new EpsilonGreedy(.05))
        .map(Arguments::of);
  }

  static Stream<Arguments> labels() {
    return Stream.of(new AdaHedge(), new Exp4(0), new FixedShare(0.3, 1e-3)).map(Arguments::of);
  }

  @ParameterizedTest
  @MethodSource("rewards")
  void loseLittleMoreFromRewards(SelectionPolicy<?> policy) {
    World world = policy instanceof Thompson || policy instanceof EpsilonGreedy ? World.S1.often(4) : World.S1;
    double shared = world.meanSharedRegret(policy, 100);
    assertThat(shared).isLessThan(1.2 * world.meanRegret(policy));
  }

  @ParameterizedTest
  @MethodSource("labels")
  void loseAtMostAHundredRoundsMoreFromLabels(SelectionPolicy<?> policy) {
    double shared = World.S1.meanSharedRegret(policy, 100);
    assertThat(shared).isLessThan(World.S1.meanRegret(policy) + HUNDRED_ROUNDS_OF_THE_MEAN_GAP);
  }
}
