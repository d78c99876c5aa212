package io.clipper.combine;

import static io.clipper.combine.Ballots.all;
import static io.clipper.combine.Ballots.model;
import static io.clipper.combine.Ballots.vote;
import static org.assertj.core.api.Assertions.assertThat;

import io.clipper.model.Output;
import org.junit.jupiter.api.Test;

class MedianTest {
  private final Combiner combiner = new Median();

  @Test
  void aWildModelDoesNotMoveTheAnswer() {
    assertThat(combine(all(vote(0, 1, Output.of(1.0)), vote(1, 1, Output.of(1e300)), vote(2, 1, Output.of(2.0)))).output())
        .isEqualTo(Output.of(2.0));
  }

  @Test
  void betweenTwoHalvesLiesTheMiddle() {
    assertThat(combine(all(vote(0, .3, Output.of(1.0)), vote(1, .2, Output.of(2.0)), vote(2, .5, Output.of(4.0)))).output())
        .isEqualTo(Output.of(3.0));
    assertThat(combine(all(vote(0, .1, Output.of(1.0)), vote(1, .1, Output.of(3.0)))).output()).isEqualTo(Output.of(2.0));
  }

  @Test
  void weightsDecideWhereTheMiddleIs() {
    assertThat(combine(all(vote(0, .6, Output.of(1.0)), vote(1, .2, Output.of(2.0)), vote(2, .2, Output.of(3.0)))).output())
        .isEqualTo(Output.of(1.0));
    assertThat(combine(all(vote(0, 0, Output.of(1.0)), vote(1, .2, Output.of(2.0)), vote(2, .1, Output.of(3.0)))).output())
        .isEqualTo(Output.of(2.0));
  }

  @Test
  void withTheMedianAreThoseWithinTheTolerance() {
    Vote[] votes = {vote(0, .4, Output.of(1.0)), vote(1, .3, Output.of(1.1)), vote(2, .3, Output.of(2.0))};
    Combined combined = combine(Ballots.within(.2, Confidence.WEIGHTED, votes));
    assertThat(combined.output()).isEqualTo(Output.of(1.1));
    assertThat(combined.winners()).containsExactly(model(0), model(1));
    assertThat(combined.confidence()).hasValue(.7);
  }

  @Test
  void whatIsNoNumberDidNotArrive() {
    Combined combined = combine(all(vote(0, .5, Output.of("cat")), vote(1, .5, Output.of(2.0))));
    assertThat(combined.output()).isEqualTo(Output.of(2.0));
    assertThat(combined.agreement()).hasValue(.5);
    assertThat(combiner.combine(all(vote(0, 1, Output.of("cat"))))).isEmpty();
  }

  private Combined combine(Ballot ballot) {
    return combiner.combine(ballot).orElseThrow();
  }
}
