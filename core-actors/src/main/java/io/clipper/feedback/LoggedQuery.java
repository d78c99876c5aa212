package io.clipper.feedback;

import io.clipper.certainty.Promise;
import io.clipper.model.ModelId;
import io.clipper.model.Output;
import io.clipper.selection.Estimate;
import io.clipper.selection.Features;
import io.clipper.selection.Propensity;
import java.util.List;
import java.util.Optional;

/**
 * What has to be known of a query to judge it later.
 *
 * @param played the model that was drawn to answer, where the policy draws one
 * @param winners the models whose answer was given, heaviest first; none for a default
 * @param candidates all that could have been asked
 * @param features of the query; none where it had none
 * @param propensity what the probabilities are worth
 * @param promise what the answer said of where the truth is
 * @param estimate what the probabilities are counted from, as long as nobody has; never in the store
 */
public record LoggedQuery(
    String application,
    long queryId,
    Optional<String> context,
    List<Asked> asked,
    Optional<Played> played,
    List<ModelId> winners,
    List<ModelId> candidates,
    Features features,
    Propensity propensity,
    Optional<Promise> promise,
    Optional<Estimate> estimate) {
  /** About what a learner of few models takes that nothing else remembers. */
  private static final int ESTIMATE_BYTES = 512;

  /** Which model was drawn, and with what probability. */
  public record Played(ModelId model, double probability) {}

  /**
   * One model that was asked.
   *
   * @param probability with which it was to be observed
   */
  public record Asked(ModelId model, double probability, Outcome outcome) {}

  /** What became of asking. */
  public sealed interface Outcome {}

  /** It answered. */
  public record Gave(Output output, boolean late) implements Outcome {}

  /** It gave an error, or nothing at all. */
  public record Missing() implements Outcome {}

  /** Our own admission turned it away, so nobody is to blame. */
  public record NotAdmitted() implements Outcome {}

  /** One without features whose probabilities are exact. */
  public LoggedQuery(
      String application,
      long queryId,
      Optional<String> context,
      List<Asked> asked,
      Optional<Played> played,
      List<ModelId> winners,
      List<ModelId> candidates) {
    this(application, queryId, context, asked, played, winners, candidates, Features.NONE, Propensity.EXACT);
  }

  /** One whose answer promised nothing. */
  public LoggedQuery(
      String application,
      long queryId,
      Optional<String> context,
      List<Asked> asked,
      Optional<Played> played,
      List<ModelId> winners,
      List<ModelId> candidates,
      Features features,
      Propensity propensity) {
    this(application, queryId, context, asked, played, winners, candidates, features, propensity, Optional.empty());
  }

  /** One whose probabilities are known. */
  public LoggedQuery(
      String application,
      long queryId,
      Optional<String> context,
      List<Asked> asked,
      Optional<Played> played,
      List<ModelId> winners,
      List<ModelId> candidates,
      Features features,
      Propensity propensity,
      Optional<Promise> promise) {
    this(application, queryId, context, asked, played, winners, candidates, features, propensity, promise, Optional.empty());
  }

  public LoggedQuery {
    asked = List.copyOf(asked);
    winners = List.copyOf(winners);
    candidates = List.copyOf(candidates);
  }

  /** With its probabilities, counted if nobody has. */
  public LoggedQuery known() {
    if (estimate.isEmpty()) {
      return this;
    }
    Estimate counted = estimate.get();
    List<Asked> known = asked.stream().map(one -> new Asked(one.model(), counted.ofObserving(one.model()), one.outcome())).toList();
    Optional<Played> drawn = played.map(one -> new Played(one.model(), counted.ofPlaying(one.model())));
    return new LoggedQuery(application, queryId, context, known, drawn, winners, candidates, features, propensity, promise);
  }

  /** About what it costs in memory, in bytes. */
  public int weight() {
    int weight = 160 + (estimate.isPresent() ? ESTIMATE_BYTES : 0) + 48 * asked.size() + Double.BYTES * features.size();
    for (Asked one : asked) {
      if (one.outcome() instanceof Gave gave) {
        weight += 96 + gave.output().sizeInBytes();
      }
    }
    return promise.isPresent() ? weight + promise.get().weight() : weight;
  }
}
