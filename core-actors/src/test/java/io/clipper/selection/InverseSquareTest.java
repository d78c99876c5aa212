package io.clipper.selection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

class InverseSquareTest {
  @Test
  void equalScoresWeighTheSame() {
    assertThat(new InverseSquare(2).weights(new double[] {3, 3, 3, 3})).containsExactly(new double[] {.25, .25, .25, .25}, within(1e-12));
    assertThat(new InverseSquare(2).own(new double[] {3, 3, 3, 3})).isEqualTo(3, within(1e-12));
  }

  @Test
  void theWeightsSolveTheirEquationWhateverTheScoresAndTheRate() {
    RandomGenerator random = World.random(5);
    for (int i = 0; i < 20_000; i++) {
      double eta = Math.exp(random.nextDouble(-12, 3));
      double[] scores = random.doubles(2 + random.nextInt(9)).map(score -> score * Math.exp(20 * score)).toArray();
      double[] weights = new InverseSquare(eta).weights(scores);
      assertThat(Arrays.stream(weights).sum()).isEqualTo(1, within(1e-12));
      double least = Shares.min(scores);
      double leastDistance = 2 / (eta * Math.sqrt(Shares.max(weights)));
      for (int arm = 0; arm < scores.length; arm++) {
        double distance = eta * (scores[arm] - least + leastDistance) / 2;
        assertThat(weights[arm] * distance * distance).isEqualTo(1, within(1e-6));
      }
    }
  }

  @Test
  void theSoftMinimumLiesBetweenTheLeastAndTheMeanAndGrowsByWhatAllGrow() {
    RandomGenerator random = World.random(6);
    for (int i = 0; i < 1_000; i++) {
      InverseSquare potential = new InverseSquare(Math.exp(random.nextDouble(-5, 2)));
      double[] scores = random.doubles(5, 0, 100).toArray();
      double own = potential.own(scores);
      assertThat(own).isBetween(Shares.min(scores) - 1e-9, Arrays.stream(scores).average().orElseThrow() + 1e-9);
      assertThat(potential.own(Arrays.stream(scores).map(score -> score + 7).toArray())).isEqualTo(own + 7, within(1e-9));
    }
  }
}
