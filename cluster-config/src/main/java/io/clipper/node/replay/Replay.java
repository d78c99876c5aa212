package io.clipper.node.replay;

import io.clipper.combine.Ballot;
import io.clipper.combine.Combined;
import io.clipper.combine.CombinerSettings;
import io.clipper.combine.Combiners;
import io.clipper.combine.Labelled;
import io.clipper.combine.LearnedCombiner;
import io.clipper.combine.Vote;
import io.clipper.feedback.Loss;
import io.clipper.model.ModelId;
import io.clipper.model.Output;
import io.clipper.node.replay.Course.Moment;
import io.clipper.node.replay.Recording.Truth;
import io.clipper.selection.Learner;
import io.clipper.selection.Observation;
import io.clipper.selection.Observation.Judged;
import io.clipper.selection.PolicySettings;
import io.clipper.selection.Propensity;
import io.clipper.selection.Selection;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * Lets a policy decide each recorded query, one after the other: it sees the answers of those it asks, and what they lost before the next
 * query. What it would have been told later, or never, it is told at once.
 *
 * @param maxAsked the most models one query asks
 * @param missingLoss the loss of a model that gave nothing, and of a query that nobody answered
 */
public record Replay(Recording recording, Loss loss, Optional<String> combiner, int maxAsked, double missingLoss) {
  private static final int MOMENTS = 200;

  /** Throws {@link IllegalArgumentException} for a recorded answer or label that the loss cannot judge. */
  public Course of(PolicySettings policy, RandomGenerator random) {
    List<ModelId> models = recording.models();
    Learner learner = Learner.start(policy).admit(models, Map.of());
    LearnedCombiner combining = LearnedCombiner.start(CombinerSettings.of(combiner, Map.of(), loss.isOfNumbers()));
    int best = best();
    int size = recording.queries().size();
    List<Moment> moments = new ArrayList<>();
    double sum = 0;
    double bestSum = 0;
    long unanswered = 0;
    long asked = 0;
    for (int i = 0; i < size; i++) {
      Recording.Query query = recording.queries().get(i);
      Selection selection = select(learner, random);
      Optional<Output> answer = answer(query, selection, combining);
      sum += answer.map(output -> lossOf(output, query, selection)).orElse(missingLoss);
      bestSum += lossOf(query, best);
      unanswered += answer.isEmpty() ? 1 : 0;
      asked += selection.asked().size();
      learner = learner.observe(judged(query, selection));
      if (combining.learns() && query.truth() instanceof Truth.Label truth) {
        combining = combining.observe(Labelled.of(outputs(query, selection), truth.label(), loss.isOfNumbers()));
      }
      if ((long) (i + 1) * MOMENTS / size != (long) i * MOMENTS / size) {
        moments.add(new Moment(i + 1L, sum / (i + 1), sum - bestSum, List.copyOf(learner.weights(models).values())));
      }
    }
    return new Course(policy.name(), sum / size, sum - bestSum, unanswered, (double) asked / size, models, moments);
  }

  /** Each model's mean loss, had it alone answered. */
  public List<Double> meanLosses() {
    List<Double> means = new ArrayList<>();
    for (int model = 0; model < recording.models().size(); model++) {
      int at = model;
      means.add(recording.queries().stream().mapToDouble(query -> lossOf(query, at)).average().orElse(0));
    }
    return means;
  }

  private int best() {
    List<Double> means = meanLosses();
    int best = 0;
    for (int model = 1; model < means.size(); model++) {
      best = means.get(model) < means.get(best) ? model : best;
    }
    return best;
  }

  private double lossOf(Recording.Query query, int model) {
    return switch (query.truth()) {
      case Truth.Label truth -> query.outputs().get(model).map(output -> loss.of(output, truth.label())).orElse(missingLoss);
      case Truth.Losses truth -> truth.losses().get(model);
    };
  }

  /**
   * What an answer lost. Where there is no label to judge it by, what was combined of several counts as the mean of their losses by their
   * weights: the losses of numbers and of probabilities are convex, so that a mean of answers never loses more.
   */
  private double lossOf(Output answer, Recording.Query query, Selection selection) {
    return switch (query.truth()) {
      case Truth.Label truth -> loss.of(answer, truth.label());
      case Truth.Losses truth -> {
        double lost = 0;
        double weights = 0;
        for (Selection.Choice choice : selection.asked()) {
          boolean counts = selection.played().map(choice.model()::equals).orElse(output(query, choice.model()).isPresent());
          double weight = counts ? Math.max(choice.weight(), Double.MIN_NORMAL) : 0;
          lost += weight * lossOf(query, recording.models().indexOf(choice.model()));
          weights += weight;
        }
        yield lost / weights;
      }
    };
  }

  private Selection select(Learner learner, RandomGenerator random) {
    Selection selection = learner.select(recording.models(), maxAsked, random);
    return selection.propensity() == Propensity.ESTIMATED ? selection.estimated(learner.weights(recording.models()), 0) : selection;
  }

  private Optional<Output> answer(Recording.Query query, Selection selection, LearnedCombiner combining) {
    Optional<ModelId> played = selection.played();
    List<Vote> votes = new ArrayList<>();
    List<Ballot.Missing> missing = new ArrayList<>();
    for (Selection.Choice choice : selection.asked()) {
      if (played.isPresent() && !played.get().equals(choice.model())) {
        continue;
      }
      output(query, choice.model())
          .ifPresentOrElse(
              output -> votes.add(new Vote(choice.model(), choice.weight(), output)),
              () -> missing.add(new Ballot.Missing(choice.model(), choice.weight())));
    }
    if (votes.isEmpty()) {
      return Optional.empty();
    }
    Ballot ballot = new Ballot(votes, missing, played, Optional.empty(), 0);
    return (played.isPresent() ? Combiners.ofPlayed() : combining.combiner()).combine(ballot).map(Combined::output);
  }

  /** Each that was asked by its own loss, at once. */
  private Observation judged(Recording.Query query, Selection selection) {
    List<Judged> judged = new ArrayList<>();
    for (Selection.Choice choice : selection.asked()) {
      judged.add(new Judged(choice.model(), lossOf(query, recording.models().indexOf(choice.model())), choice.probability()));
    }
    return new Observation(judged, recording.models());
  }

  private Map<ModelId, Output> outputs(Recording.Query query, Selection selection) {
    Map<ModelId, Output> outputs = new LinkedHashMap<>();
    selection.asked().forEach(choice -> output(query, choice.model()).ifPresent(output -> outputs.put(choice.model(), output)));
    return outputs;
  }

  private Optional<Output> output(Recording.Query query, ModelId model) {
    return query.outputs().get(recording.models().indexOf(model));
  }
}
