package io.clipper.combine;

import io.clipper.combine.Ballot.Missing;
import io.clipper.model.ClassProbabilities;
import io.clipper.model.ModelId;
import io.clipper.model.Output;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Ballots in a few words; what is missing has the weight that the votes leave. */
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
    return new Ballot(List.of(votes), List.of(), Optional.empty(), Optional.empty(), 0);
  }

  /** What is missing shares the rest of the weight. */
  static Ballot of(int asked, double weightAsked, Confidence confidence, Vote... votes) {
    List<Missing> missing = new ArrayList<>();
    for (int i = votes.length; i < asked; i++) {
      missing.add(new Missing(model(i), (weightAsked - weight(votes)) / (asked - votes.length)));
    }
    return new Ballot(List.of(votes), missing, Optional.empty(), Optional.of(confidence), 0);
  }

  static Ballot within(double tolerance, Confidence confidence, Vote... votes) {
    return new Ballot(List.of(votes), List.of(), Optional.empty(), Optional.of(confidence), tolerance);
  }

  private static double weight(Vote... votes) {
    double sum = 0;
    for (Vote vote : votes) {
      sum += vote.weight();
    }
    return sum;
  }
}
