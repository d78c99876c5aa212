package io.clipper.combine;

import java.util.List;
import java.util.Optional;

/** The answer of the model that was played, or of the first candidate that answered where none was played or it did not answer. */
final class First implements Combiner {
  static final String NAME = "first";

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public Optional<Combined> combine(Ballot ballot) {
    List<Vote> votes = ballot.votes();
    if (votes.isEmpty()) {
      return Optional.empty();
    }
    int chosen = 0;
    for (int i = 0; i < votes.size(); i++) {
      if (ballot.played().isPresent() && ballot.played().get().equals(votes.get(i).model())) {
        chosen = i;
      }
    }
    WeightedVote.Answer[] answers = WeightedVote.answers(votes);
    boolean[] withIt = new boolean[answers.length];
    for (int i = 0; i < answers.length; i++) {
      withIt[i] = answers[chosen].agreesWith(answers[i], ballot.tolerance());
    }
    return Optional.of(new Tally(ballot).of(votes.get(chosen).output(), answers[chosen].label(), withIt));
  }
}
