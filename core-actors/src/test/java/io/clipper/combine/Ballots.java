package io.clipper.combine;

import io.clipper.model.ClassProbabilities;
import io.clipper.model.ModelId;
import io.clipper.model.Output;
import java.util.List;
import java.util.Optional;

/** Ballots in a few words; the weight asked is that of the votes plus what is missing. */
final class Ballots {
  private Ballots() {}

  static ModelId model(int index) {
    return new ModelId("m" + index, "1");
  }

  static Vote vote(int model, double weight, Output output) {
    return new Vote(model(model), weight, output);
  }

  static Output classified(String label, double a, double b) {
    return new Output(Output.of(label).tensors(), Optional.of(new ClassProbabilities(List.of("a", "b"), new double[] {a, b})));
  }

  static Ballot all(Vote... votes) {
    return ballot(List.of(votes), votes.length, weight(votes), Optional.empty(), 0);
  }

  static Ballot of(int asked, double weightAsked, Confidence confidence, Vote... votes) {
    return ballot(List.of(votes), asked, weightAsked, Optional.of(confidence), 0);
  }

  static Ballot within(double tolerance, Confidence confidence, Vote... votes) {
    return ballot(List.of(votes), votes.length, weight(votes), Optional.of(confidence), tolerance);
  }

  private static Ballot ballot(List<Vote> votes, int asked, double weightAsked, Optional<Confidence> confidence, double tolerance) {
    return new Ballot(votes, asked, weightAsked, Optional.empty(), confidence, tolerance);
  }

  private static double weight(Vote... votes) {
    double sum = 0;
    for (Vote vote : votes) {
      sum += vote.weight();
    }
    return sum;
  }
}
