package io.clipper.node.replay;

import io.clipper.model.ModelId;
import io.clipper.node.replay.RecordedFeedback.Joined;
import io.clipper.selection.Features;
import io.clipper.selection.Observation.Judged;
import io.clipper.selection.Propensity;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Queries of each of which one model was played and only its loss is known: the log of a bandit. */
public record PlayedLog(List<Round> rounds) {
  private static final String MODEL = "model";
  private static final String PROBABILITY = "probability";
  private static final String LOSS = "loss";
  private static final String REWARD = "reward";

  /**
   * One query.
   *
   * @param candidates all that could have been played
   * @param probability with which that one was, above 0 and at most 1
   * @param loss of its answer, 0..1
   * @param propensity what the probability is worth
   */
  public record Round(
      Optional<String> context,
      Features features,
      List<ModelId> candidates,
      ModelId played,
      double probability,
      double loss,
      Propensity propensity) {
    public Round {
      candidates = List.copyOf(candidates);
      if (!(probability > 0 && probability <= 1) || !(loss >= 0 && loss <= 1)) {
        throw new IllegalArgumentException(
            "%s was played with probability %s and lost %s: the first is above 0 and at most 1, the second 0..1".formatted(played, probability, loss));
      }
    }
  }

  public PlayedLog {
    rounds = List.copyOf(rounds);
  }

  /** All that were ever candidates, in the order in which they came. */
  public List<ModelId> models() {
    Set<ModelId> models = new LinkedHashSet<>();
    rounds.forEach(round -> models.addAll(round.candidates()));
    return List.copyOf(models);
  }

  /** Of who was played. */
  public double meanLoss() {
    return rounds.stream().mapToDouble(Round::loss).average().orElse(0);
  }

  /**
   * Of the feedback that a store has, what judged a model that had been drawn. Throws {@link IllegalArgumentException} where there is none.
   */
  public static PlayedLog of(RecordedFeedback feedback) {
    List<Round> rounds = new ArrayList<>();
    for (Joined one : feedback.joined()) {
      one.query()
          .played()
          .ifPresent(
              played ->
                  lossOf(one, played.model())
                      .ifPresent(
                          loss ->
                              rounds.add(
                                  new Round(
                                      one.lesson().context(),
                                      one.query().features(),
                                      one.query().candidates(),
                                      played.model(),
                                      played.probability(),
                                      loss,
                                      one.query().propensity()))));
    }
    if (rounds.isEmpty()) {
      throw new IllegalArgumentException(
          "nothing to estimate from of '%s': none of %d pieces of feedback judges a model that a policy drew to play".formatted(feedback.application(), feedback.lessons()));
    }
    return new PlayedLog(rounds);
  }

  /**
   * From a CSV file with the columns {@code model} (who was played), {@code probability} and {@code loss} or {@code reward}; who is never
   * played is no candidate. Throws {@link IllegalArgumentException} that says what is wrong.
   */
  public static PlayedLog of(Iterator<String> lines, Columns columns) {
    Rows rows = Rows.of(lines, columns);
    int model = rows.column(MODEL);
    int probability = rows.column(PROBABILITY);
    boolean rewarded = rows.heading().contains(REWARD);
    int judged = rows.column(rewarded ? REWARD : LOSS);
    List<Rows.Row> read = new ArrayList<>();
    rows.each(read::add);
    List<ModelId> candidates = read.stream().map(row -> rows.model(row.cell(model))).distinct().sorted().toList();
    List<Round> rounds = new ArrayList<>();
    for (Rows.Row row : read) {
      double loss = rewarded ? 1 - row.number(judged) : row.number(judged);
      ModelId played = rows.model(row.cell(model));
      rounds.add(new Round(row.context(), row.features(), candidates, played, row.number(probability), loss, Propensity.EXACT));
    }
    return new PlayedLog(rounds);
  }

  private static Optional<Double> lossOf(Joined joined, ModelId played) {
    return joined.lesson().observation().judged().stream().filter(judged -> judged.model().equals(played)).map(Judged::loss).findFirst();
  }
}
