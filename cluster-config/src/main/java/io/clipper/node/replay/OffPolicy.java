package io.clipper.node.replay;

import io.clipper.model.ModelId;
import io.clipper.node.replay.PlayedLog.Round;
import io.clipper.selection.Observation;
import io.clipper.selection.Observation.Judged;
import io.clipper.selection.Policies;
import io.clipper.selection.PolicySettings;
import io.clipper.selection.Propensity;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/**
 * What others would have lost, by a log in which only the loss of who was played is known (Horvitz and Thompson 1952; Bottou and others,
 * JMLR 2013). With w = π(played) ÷ p, p the stored probability and π that of who is asked about: inverse propensity, mean(w l), is unbiased;
 * self-normalised, Σ w l ÷ Σ w (Swaminathan and Joachims, NIPS 2015), is nearly so and varies less. No weight is cut off.
 *
 * <p>Of a policy that learns it is the policy that this log teaches: before each round its π is what the rounds before taught it, each with
 * its stored probability.
 */
public final class OffPolicy {
  /**
   * A mean loss.
   *
   * @param inverse by inverse propensity
   * @param error of that one, the standard deviation of its mean
   * @param normalised self-normalised; that of one who was never played where it could have been is not known: NaN
   * @param effective (Σ w)² ÷ Σ w²: of so many rounds of its own it would be as well known
   */
  public record Estimated(double inverse, double error, double normalised, double effective) {}

  private final PlayedLog log;

  /** Throws {@link IllegalArgumentException} for a log of which nothing follows about others. */
  public OffPolicy(PlayedLog log) {
    long fixed = log.rounds().stream().filter(round -> round.propensity() == Propensity.DETERMINISTIC).count();
    if (fixed > 0) {
      throw new IllegalArgumentException(
          ("%d of %d queries were chosen by a rule that draws no lots (ucb1, linucb): it could not have played another model, so that nothing"
                  + " follows of what others would have lost")
              .formatted(fixed, log.rounds().size()));
    }
    this.log = log;
  }

  /** Had that model answered all queries of which it was a candidate. */
  public Estimated ofModel(ModelId model) {
    Sums sums = new Sums();
    for (Round round : log.rounds()) {
      if (round.candidates().contains(model)) {
        sums.add(round, played -> played.equals(model) ? 1 : 0);
      }
    }
    return sums.estimated();
  }

  /** Throws {@link IllegalArgumentException} for a policy that answers with several models' outputs, of which the log has one. */
  public Estimated of(PolicySettings policy) {
    if (!Policies.of(policy).plays()) {
      throw new IllegalArgumentException(
          "policy '%s' answers by several models together, and this log knows the loss of one model a query".formatted(policy.name()));
    }
    Streams streams = new Streams(policy, log.models());
    Sums sums = new Sums();
    for (Round round : log.rounds()) {
      Map<ModelId, Double> weights = streams.of(round.context()).weights(round.candidates(), round.features());
      sums.add(round, played -> weights.getOrDefault(played, 0.0));
      Judged judged = new Judged(round.played(), round.loss(), round.probability());
      streams.observe(round.context(), new Observation(List.of(judged), round.candidates()).at(round.features()));
    }
    return sums.estimated();
  }

  private static final class Sums {
    private long rounds;
    private double weights;
    private double squaredWeights;
    private double losses;
    private double squaredLosses;

    void add(Round round, ToDoubleFunction<ModelId> chance) {
      double weight = chance.applyAsDouble(round.played()) / round.probability();
      rounds++;
      weights += weight;
      squaredWeights += weight * weight;
      losses += weight * round.loss();
      squaredLosses += weight * weight * round.loss() * round.loss();
    }

    Estimated estimated() {
      double mean = losses / rounds;
      double variance = Math.max(0, squaredLosses / rounds - mean * mean);
      return new Estimated(mean, Math.sqrt(variance / rounds), losses / weights, weights > 0 ? weights * weights / squaredWeights : 0);
    }
  }
}
