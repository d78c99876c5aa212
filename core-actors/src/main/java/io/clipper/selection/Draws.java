package io.clipper.selection;

import io.clipper.model.ModelId;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/**
 * Plays the candidate whose drawn loss is the least. A young one takes part in one draw of K, so that it has at most an equal share; where
 * all are young nobody is held back.
 */
final class Draws {
  /** The fewest draws that an estimate of a probability should rest on. */
  private static final int SAMPLE = 200;

  /** The same sample of the same state, so that its weights can be computed again. */
  private static final long SAMPLE_SEED = 1933;

  private final boolean[] young;
  private final boolean allYoung;
  private final Loss loss;

  /** Draws what the candidate at that place may lose. */
  interface Loss {
    double draw(int candidate, RandomGenerator random);
  }

  Draws(boolean[] young, Loss loss) {
    this.young = young;
    this.loss = loss;
    boolean all = true;
    for (boolean one : young) {
      all &= one;
    }
    this.allYoung = all;
  }

  /** How often each is played in a sample of 200 and one more for each candidate, so that none has 0. */
  double[] weights() {
    RandomGenerator random = new SplittableRandom(SAMPLE_SEED);
    double[] shares = new double[young.length];
    double share = 1.0 / (SAMPLE + shares.length);
    Arrays.fill(shares, share);
    for (int i = 0; i < SAMPLE; i++) {
      shares[played(random)] += share;
    }
    return shares;
  }

  Selection select(List<ModelId> candidates, RandomGenerator random) {
    ModelId played = candidates.get(played(random));
    return new Selection(List.of(new Selection.Choice(played, 1, 1)), Optional.of(played), Propensity.ESTIMATED);
  }

  private int played(RandomGenerator random) {
    int best = -1;
    double least = 0;
    for (int i = 0; i < young.length; i++) {
      if (young[i] && !allYoung && random.nextInt(young.length) > 0) {
        continue;
      }
      double drawn = loss.draw(i, random);
      if (best < 0 || drawn < least) {
        best = i;
        least = drawn;
      }
    }
    return best;
  }
}
