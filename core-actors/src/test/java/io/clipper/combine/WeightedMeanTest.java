package io.clipper.combine;

import static io.clipper.combine.Ballots.all;
import static io.clipper.combine.Ballots.model;
import static io.clipper.combine.Ballots.vote;
import static org.assertj.core.api.Assertions.assertThat;

import io.clipper.model.Output;
import org.junit.jupiter.api.Test;

class WeightedMeanTest {
  private final Combiner combiner = new WeightedMean();

  @Test
  void theMeanIsWeighedOverWhatArrived() {
    Combined combined =
        combine(Ballots.of(3, 1, Confidence.AGREEMENT, vote(0, .25, Output.of(1L)), vote(1, .25, Output.of(2.0))));
    assertThat(combined.output()).isEqualTo(Output.of(1.5));
    assertThat(combined.agreement()).hasValue(0);
    assertThat(combined.winners()).isEmpty();
  }

  @Test
  void withTheMeanAreThoseWithinTheTolerance() {
    Vote[] votes = {vote(0, .5, Output.of(1.0)), vote(1, .25, Output.of(1.5)), vote(2, .25, Output.of(0.5))};
    assertThat(combine(Ballots.within(.2, Confidence.AGREEMENT, votes)).confidence().orElseThrow()).isEqualTo(1.0 / 3);
    assertThat(combine(Ballots.within(.2, Confidence.WEIGHTED, votes)).confidence()).hasValue(.5);
    assertThat(combine(Ballots.within(.2, Confidence.WEIGHTED, votes)).winners()).containsExactly(model(0));
    assertThat(combine(Ballots.within(.2, Confidence.PROBABILITY, votes)).confidence()).isEmpty();
  }

  @Test
  void equalNumbersAgreeWithoutATolerance() {
    Combined combined = combine(all(vote(0, .1, Output.of(.1)), vote(1, .2, Output.of(.1)), vote(2, .7, Output.of(.1))));
    assertThat(combined.output()).isEqualTo(Output.of(.1));
    assertThat(combined.agreement()).hasValue(1);
  }

  @Test
  void greatNumbersDoNotOverflow() {
    Combined combined = combine(all(vote(0, .5, Output.of(Double.MAX_VALUE)), vote(1, .5, Output.of(-Double.MAX_VALUE))));
    assertThat(combined.output()).isEqualTo(Output.of(0.0));
  }

  @Test
  void whatIsNoFiniteNumberDidNotArrive() {
    Combined combined =
        combine(all(vote(0, .5, Output.of(2.0)), vote(1, .3, Output.of("cat")), vote(2, .2, Output.of(Double.POSITIVE_INFINITY))));
    assertThat(combined.output()).isEqualTo(Output.of(2.0));
    assertThat(combined.agreement().orElseThrow()).isEqualTo(1.0 / 3);
    assertThat(combiner.combine(all(vote(0, 1, Output.of("cat"))))).isEmpty();
  }

  private Combined combine(Ballot ballot) {
    return combiner.combine(ballot).orElseThrow();
  }
}
