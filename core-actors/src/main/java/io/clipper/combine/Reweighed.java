package io.clipper.combine;

import io.clipper.model.ModelId;
import java.util.function.ToDoubleFunction;

/** A ballot whose weights are a combiner's own. */
final class Reweighed {
  private Reweighed() {}

  static Ballot by(Ballot ballot, ToDoubleFunction<ModelId> weight) {
    return ballot.with(
        ballot.votes().stream().map(vote -> new Vote(vote.model(), weight.applyAsDouble(vote.model()), vote.output())).toList(),
        ballot.missing().stream().map(one -> new Ballot.Missing(one.model(), weight.applyAsDouble(one.model()))).toList());
  }
}
