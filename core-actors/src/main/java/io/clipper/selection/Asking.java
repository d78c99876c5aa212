package io.clipper.selection;

import io.clipper.model.ModelId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/** The two ways from weights to who is asked. */
final class Asking {
  private Asking() {}

  /** One candidate, drawn by its weight, is asked and played. */
  static Selection one(List<ModelId> candidates, double[] weights, Propensity propensity, RandomGenerator random) {
    double left = random.nextDouble();
    int drawn = -1;
    for (int i = 0; i < weights.length && left >= 0; i++) {
      if (weights[i] > 0) {
        drawn = i; // what rounding leaves over falls to the last that can be drawn
        left -= weights[i];
      }
    }
    ModelId played = candidates.get(drawn);
    double probability = Math.min(weights[drawn], 1);
    return new Selection(List.of(new Selection.Choice(played, probability, weights[drawn])), Optional.of(played), propensity);
  }

  /**
   * All candidates up to {@code maxAsked}; of more, the {@code maxAsked} − 1 heaviest with certainty and one of the rest by lot, so that
   * every candidate goes on being observed.
   */
  static Selection many(List<ModelId> candidates, double[] weights, int maxAsked, RandomGenerator random) {
    if (maxAsked < 1) {
      throw new IllegalArgumentException("a query asks at least 1 model, not %d".formatted(maxAsked));
    }
    int size = candidates.size();
    List<Selection.Choice> asked = new ArrayList<>(Math.min(size, maxAsked));
    if (size <= maxAsked) {
      for (int i = 0; i < size; i++) {
        asked.add(new Selection.Choice(candidates.get(i), 1, weights[i]));
      }
      return new Selection(asked, Optional.empty());
    }
    boolean[] certain = heaviest(weights, maxAsked - 1);
    int rest = size - (maxAsked - 1);
    int lot = random.nextInt(rest);
    for (int i = 0; i < size; i++) {
      if (certain[i]) {
        asked.add(new Selection.Choice(candidates.get(i), 1, weights[i]));
      } else if (lot-- == 0) {
        asked.add(new Selection.Choice(candidates.get(i), 1.0 / rest, weights[i]));
      }
    }
    return new Selection(asked, Optional.empty());
  }

  /**
   * With probability {@code share} all candidates; whether or not it comes to that, each is observed with {@code share} + (1 −
   * {@code share}) · what it was observed with before.
   *
   * @param weights of all candidates; asked for only if all are and the probabilities are not to be counted later
   */
  static Selection shadowed(
      Selection selection, List<ModelId> candidates, Supplier<double[]> weights, double share, RandomGenerator random) {
    boolean all = random.nextDouble() < share;
    if (selection.estimate().isPresent()) {
      return all ? new Selection(everyone(selection, candidates), selection.played(), selection.propensity(), selection.estimate()) : selection;
    }
    if (!all) {
      return new Selection(selection.asked().stream().map(choice -> shadowed(choice, share)).toList(), selection.played(), selection.propensity());
    }
    double[] shares = weights.get();
    double lot = selection.asked().stream().mapToDouble(Selection.Choice::probability).min().orElse(1);
    List<Selection.Choice> asked = new ArrayList<>(candidates.size());
    int next = 0;
    for (int i = 0; i < shares.length; i++) {
      boolean chosen = next < selection.asked().size() && selection.asked().get(next).model().equals(candidates.get(i));
      if (chosen) {
        asked.add(shadowed(selection.asked().get(next), share));
        next++;
      } else {
        double before = selection.played().isPresent() ? shares[i] : lot;
        asked.add(new Selection.Choice(candidates.get(i), observed(before, share), shares[i]));
      }
    }
    return new Selection(asked, selection.played(), selection.propensity());
  }

  /** What each is observed with is counted later. */
  private static List<Selection.Choice> everyone(Selection selection, List<ModelId> candidates) {
    return candidates.stream()
        .map(model -> new Selection.Choice(model, 1, selection.played().filter(model::equals).isPresent() ? 1 : 0))
        .toList();
  }

  private static Selection.Choice shadowed(Selection.Choice choice, double share) {
    return new Selection.Choice(choice.model(), observed(choice.probability(), share), choice.weight());
  }

  /** With what probability one is observed that is chosen with {@code before}, where a share of the queries asks all. */
  static double observed(double before, double share) {
    return Math.min(share + (1 - share) * before, 1);
  }

  /** Of equal weights the earlier candidate goes first. */
  private static boolean[] heaviest(double[] weights, int count) {
    boolean[] taken = new boolean[weights.length];
    for (int n = 0; n < count; n++) {
      int best = -1;
      for (int i = 0; i < weights.length; i++) {
        if (!taken[i] && (best < 0 || weights[i] > weights[best])) {
          best = i;
        }
      }
      taken[best] = true;
    }
    return taken;
  }
}
