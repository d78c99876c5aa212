package io.clipper.node.replay;

import io.clipper.combine.Ballot;
import io.clipper.combine.Combined;
import io.clipper.combine.CombinerSettings;
import io.clipper.combine.Combiners;
import io.clipper.combine.Labelled;
import io.clipper.combine.LearnedCombiner;
import io.clipper.combine.Vote;
import io.clipper.feedback.Judging;
import io.clipper.feedback.LoggedQuery.Asked;
import io.clipper.model.ModelId;
import io.clipper.model.Output;
import io.clipper.node.replay.Course.Moment;
import io.clipper.selection.Observation;
import io.clipper.selection.PolicySettings;
import io.clipper.selection.Selection;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * Lets a policy decide each recorded query, one after the other: it sees the answers of those it asks, and the label before the next query.
 * What it would have been told later, or never, it is told at once. A context is a stream of its own, as it is when a node serves.
 *
 * @param judging how answers are judged; a query that nobody answered loses as a missing model does
 * @param maxAsked the most models one query asks
 */
public record Replay(Recording recording, Judging judging, Optional<String> combiner, int maxAsked) {
  private static final int MOMENTS = 200;

  /** Throws {@link IllegalArgumentException} for a recorded answer or label that the loss cannot judge. */
  public Course of(PolicySettings policy, RandomGenerator random) {
    List<ModelId> models = recording.models();
    Streams streams = new Streams(policy, models);
    LearnedCombiner combining = LearnedCombiner.start(CombinerSettings.of(combiner, Map.of(), judging.loss().isOfNumbers()));
    int best = best();
    int size = recording.queries().size();
    List<Moment> moments = new ArrayList<>();
    double sum = 0;
    double bestSum = 0;
    long unanswered = 0;
    long asked = 0;
    for (int i = 0; i < size; i++) {
      Recording.Query query = recording.queries().get(i);
      Selection selection = streams.of(query.context()).select(models, query.features(), maxAsked, 0, random).known();
      Optional<Output> answer = answer(query, selection, combining);
      sum += lossOf(answer, query);
      bestSum += lossOf(query.inTime(best), query);
      unanswered += answer.isEmpty() ? 1 : 0;
      asked += selection.asked().size();
      streams.observe(query.context(), judged(query, selection));
      if (combining.learns()) {
        combining = combining.observe(Labelled.of(outputs(query, selection), query.label(), judging.loss().isOfNumbers()));
      }
      if ((long) (i + 1) * MOMENTS / size != (long) i * MOMENTS / size) {
        List<Double> weights = List.copyOf(streams.application().weights(models).values());
        moments.add(new Moment(i + 1L, sum / (i + 1), sum - bestSum, weights));
      }
    }
    return new Course(policy, sum / size, sum - bestSum, unanswered, (double) asked / size, models, moments);
  }

  /** Each model's mean loss, had it alone answered. */
  public List<Double> meanLosses() {
    List<Double> means = new ArrayList<>();
    for (int model = 0; model < recording.models().size(); model++) {
      int at = model;
      means.add(recording.queries().stream().mapToDouble(query -> lossOf(query.inTime(at), query)).average().orElse(0));
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

  private double lossOf(Optional<Output> answer, Recording.Query query) {
    return answer.map(output -> judging.loss().of(output, query.label())).orElse(judging.missingLoss());
  }

  private Optional<Output> answer(Recording.Query query, Selection selection, LearnedCombiner combining) {
    Optional<ModelId> played = selection.played();
    List<Vote> votes = new ArrayList<>();
    List<Ballot.Missing> missing = new ArrayList<>();
    for (Selection.Choice choice : selection.asked()) {
      if (played.isPresent() && !played.get().equals(choice.model())) {
        continue;
      }
      query
          .inTime(indexOf(choice))
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

  /** By the rule that serves, at once. */
  private Observation judged(Recording.Query query, Selection selection) {
    List<Asked> asked =
        selection.asked().stream()
            .map(choice -> new Asked(choice.model(), choice.probability(), query.outcomes().get(indexOf(choice))))
            .toList();
    return judging.byLabel(asked, recording.models(), query.label()).at(query.features());
  }

  private Map<ModelId, Output> outputs(Recording.Query query, Selection selection) {
    Map<ModelId, Output> outputs = new LinkedHashMap<>();
    selection.asked().forEach(choice -> query.inTime(indexOf(choice)).ifPresent(output -> outputs.put(choice.model(), output)));
    return outputs;
  }

  private int indexOf(Selection.Choice choice) {
    return recording.models().indexOf(choice.model());
  }
}
