package io.clipper.combine;

import io.clipper.model.ClassProbabilities;
import io.clipper.model.Output;
import java.util.List;
import java.util.Optional;

/** Answers a ballot with the most probable class of a pool of probabilities, and the pool itself with it. */
final class Pooled {
  private Pooled() {}

  static Optional<Combined> answer(Ballot ballot, Optional<ClassProbabilities> pool) {
    return pool.map(probabilities -> answer(ballot, probabilities));
  }

  /** As the heaviest of the models that say so gave it, or as a label where none of them did. */
  private static Combined answer(Ballot ballot, ClassProbabilities pool) {
    int best = 0;
    for (int c = 1; c < pool.size(); c++) {
      best = pool.at(c) > pool.at(best) ? c : best;
    }
    String label = pool.classes().get(best);
    List<Vote> votes = ballot.votes();
    boolean[] withIt = new boolean[votes.size()];
    int heaviest = -1;
    for (int i = 0; i < withIt.length; i++) {
      withIt[i] = votes.get(i).output().label().filter(label::equals).isPresent();
      if (withIt[i] && (heaviest < 0 || votes.get(i).weight() > votes.get(heaviest).weight())) {
        heaviest = i;
      }
    }
    Output answer = heaviest < 0 ? Output.of(label) : votes.get(heaviest).output();
    return new Tally(ballot).of(new Output(answer.tensors(), Optional.of(pool)), withIt, pool.at(best));
  }
}
