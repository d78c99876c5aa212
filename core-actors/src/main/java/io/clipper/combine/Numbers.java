package io.clipper.combine;

import io.clipper.model.Output;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/** The finite numbers that arrived, with their weights. A vote that is no finite number counts as one that did not arrive. */
final class Numbers {
  private final Ballot ballot;
  private final Tally tally;
  private final double[] numbers;

  private Numbers(Ballot ballot) {
    this.ballot = ballot;
    this.tally = new Tally(ballot);
    this.numbers = ballot.votes().stream().mapToDouble(vote -> vote.output().number().orElseThrow()).toArray();
  }

  static Numbers of(Ballot all) {
    List<Vote> votes = new ArrayList<>();
    List<Ballot.Missing> missing = new ArrayList<>(all.missing());
    for (Vote vote : all.votes()) {
      if (isFinite(vote.output().number())) {
        votes.add(vote);
      } else {
        missing.add(new Ballot.Missing(vote.model(), vote.weight()));
      }
    }
    return new Numbers(all.with(votes, missing));
  }

  boolean isEmpty() {
    return numbers.length == 0;
  }

  int size() {
    return numbers.length;
  }

  double at(int index) {
    return numbers[index];
  }

  /** Where no vote has a weight, all have the same. */
  double weight(int index) {
    return tally.weight(index);
  }

  Ballot ballot() {
    return ballot;
  }

  /** With the answer are those within the tolerance of it, which may be none. */
  Combined answered(double answer) {
    boolean[] withIt = new boolean[numbers.length];
    for (int i = 0; i < withIt.length; i++) {
      withIt[i] = Math.abs(numbers[i] - answer) <= ballot.tolerance();
    }
    return tally.of(Output.of(answer), Optional.empty(), withIt);
  }

  private static boolean isFinite(OptionalDouble number) {
    return number.isPresent() && Double.isFinite(number.getAsDouble());
  }
}
