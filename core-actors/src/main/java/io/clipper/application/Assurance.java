package io.clipper.application;

import io.clipper.application.Lesson.Taught;
import io.clipper.catalog.CertaintySettings;
import io.clipper.certainty.LearnedCertainty;
import io.clipper.change.Changed;
import io.clipper.change.Watch;
import io.clipper.combine.CombinerSettings;
import io.clipper.combine.LearnedCombiner;
import io.clipper.model.ModelId;
import io.clipper.selection.Observation;
import java.util.ArrayList;
import java.util.List;

/**
 * What labels have taught a partition besides whom to choose: how to combine, how sure an answer is, and which models are not what they
 * were. An immutable value.
 *
 * @param changes the latest, oldest first
 * @param noticed how many there were
 * @param labels how many were seen
 */
public record Assurance(
    LearnedCombiner combiner, LearnedCertainty certainty, Watch watch, List<Changed> changes, long noticed, long labels) {
  private static final int CHANGES = 64;

  /** What a label made of it, and whom the learner is not to trust for what it was. */
  record Next(Assurance assurance, List<ModelId> worsened) {}

  public Assurance {
    changes = List.copyOf(changes);
  }

  static Assurance start(CombinerSettings combiner, CertaintySettings certainty) {
    return new Assurance(LearnedCombiner.start(combiner), LearnedCertainty.start(certainty), Watch.start(), List.of(), 0, 0);
  }

  /** Whether there is anything to learn under these settings. */
  static boolean isWanted(CombinerSettings combiner, CertaintySettings certainty) {
    return start(combiner, certainty).learns();
  }

  /** What did not change goes on; the rest starts. */
  Assurance with(CombinerSettings nextCombiner, CertaintySettings nextCertainty) {
    return new Assurance(
        combiner.with(nextCombiner), certainty.with(nextCertainty), watches() ? watch : Watch.start(), changes, noticed, labels);
  }

  boolean follows(CombinerSettings wantedCombiner, CertaintySettings wantedCertainty) {
    return combiner.settings().equals(wantedCombiner) && certainty.settings().equals(wantedCertainty);
  }

  /** Whether labels teach it anything. */
  boolean learns() {
    return combiner.learns() || certainty.learns() || watches();
  }

  boolean watches() {
    return !certainty.settings().watch().equals("none");
  }

  /** Among these candidates from now on. */
  Assurance among(List<ModelId> candidates) {
    return new Assurance(combiner, certainty, watch.of(candidates), changes, noticed, labels);
  }

  Next after(Taught taught, Observation observation) {
    String label = taught.said().label();
    LearnedCertainty surer = taught.promise().map(promise -> certainty.observe(promise, label)).orElse(certainty);
    LearnedCombiner wiser = combiner.observe(taught.said());
    if (!watches()) {
      return new Next(new Assurance(wiser, surer, watch, changes, noticed, labels + 1), List.of());
    }
    Watch.Noticed seen = watch.observe(observation);
    Watch next = seen.watch();
    List<ModelId> worsened = new ArrayList<>();
    for (Changed change : seen.changes()) {
      if (change instanceof Changed.Worsened one) {
        worsened.add(one.model());
        // From now on it is compared with what it is now.
        next = next.without(one.model());
      }
    }
    return new Next(new Assurance(wiser, surer, next, latest(seen.changes()), noticed + seen.changes().size(), labels + 1), worsened);
  }

  private List<Changed> latest(List<Changed> more) {
    if (more.isEmpty()) {
      return changes;
    }
    List<Changed> all = new ArrayList<>(changes);
    all.addAll(more);
    return all.subList(Math.max(0, all.size() - CHANGES), all.size());
  }
}
