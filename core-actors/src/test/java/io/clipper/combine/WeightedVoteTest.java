package io.clipper.combine;

import static io.clipper.combine.Ballots.all;
import static io.clipper.combine.Ballots.classified;
import static io.clipper.combine.Ballots.model;
import static io.clipper.combine.Ballots.vote;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.clipper.model.Output;
import io.clipper.model.Tensor;
import org.junit.jupiter.api.Test;

class WeightedVoteTest {
  private final Combiner combiner = new WeightedVote();

  @Test
  void theGreatestSumOfWeightsWins() {
    Combined combined = combine(all(vote(0, .4, Output.of("cat")), vote(1, .25, Output.of("dog")), vote(2, .35, Output.of("dog"))));
    assertThat(combined.output()).isEqualTo(Output.of("dog"));
    assertThat(combined.winners()).containsExactly(model(1), model(2));
    assertThat(combined.agreement().orElseThrow()).isEqualTo(2.0 / 3);
  }

  @Test
  void labelsOfAnyDatatypeAreTheSameClassAndTheHeaviestModelsOutputIsGiven() {
    Combined combined = combine(all(vote(0, .3, Output.of(3L)), vote(1, .4, Output.of(3.0)), vote(2, .3, Output.of("3"))));
    assertThat(combined.output()).isEqualTo(Output.of(3.0));
    assertThat(combined.winners()).hasSize(3);
  }

  @Test
  void ofEqualSumsTheOneWithTheHeaviestModelWinsThenTheEarlierCandidates() {
    assertThat(combine(all(vote(0, .25, Output.of("a")), vote(1, .25, Output.of("a")), vote(2, .5, Output.of("b")))).output())
        .isEqualTo(Output.of("b"));
    assertThat(combine(all(vote(0, .5, Output.of("b")), vote(1, .5, Output.of("a")))).output()).isEqualTo(Output.of("b"));
  }

  @Test
  void modelsThatDidNotAnswerWereAsked() {
    Combined combined = combine(Ballots.of(4, 1, Confidence.AGREEMENT, vote(0, .1, Output.of("a")), vote(1, .1, Output.of("a"))));
    assertThat(combined.agreement()).hasValue(.5);
    assertThat(combined.confidence()).hasValue(.5);
  }

  @Test
  void weightedConfidenceIsTheWinnersShareOfTheWeightAsked() {
    Combined combined =
        combine(Ballots.of(3, 1, Confidence.WEIGHTED, vote(0, .3, Output.of("a")), vote(1, .2, Output.of("b"))));
    assertThat(combined.output()).isEqualTo(Output.of("a"));
    assertThat(combined.confidence().orElseThrow()).isEqualTo(.3, within(1e-12));
  }

  @Test
  void probabilityIsCombinedByWeightAndShrinksByWhatDidNotArrive() {
    Combined combined =
        combine(Ballots.of(3, 1, Confidence.PROBABILITY, vote(0, .6, classified("a", .9, .1)), vote(1, .2, classified("b", .3, .7))));
    assertThat(combined.output().label()).contains("a");
    assertThat(combined.confidence().orElseThrow()).isEqualTo((.6 * .9 + .2 * .3) / .8 * .8, within(1e-12));
  }

  @Test
  void oneModelIsAsSureAsItSaysOrNothingIsSaid() {
    assertThat(combine(all(vote(0, 1, classified("b", .2, .8)))).confidence()).hasValue(.8);
    assertThat(combine(all(vote(0, 1, Output.of("b")))).confidence()).isEmpty();
    assertThat(combine(Ballots.of(1, 1, Confidence.AGREEMENT, vote(0, 1, Output.of("b")))).confidence()).isEmpty();
  }

  @Test
  void outputsOfSeveralElementsAreComparedWhole() {
    Output boxes = Output.of(Tensor.ofInts(1, 2));
    Combined combined =
        combine(all(vote(0, .3, boxes), vote(1, .4, Output.of(Tensor.ofInts(1, 3))), vote(2, .3, Output.of(Tensor.ofInts(1, 2)))));
    assertThat(combined.output()).isEqualTo(boxes);
    assertThat(combined.winners()).containsExactly(model(0), model(2));
  }

  @Test
  void numbersWithinTheToleranceAreTheSameAnswer() {
    Vote[] votes = {vote(0, .4, Output.of(2.0)), vote(1, .3, Output.of(1.0)), vote(2, .3, Output.of(1.05))};
    Combined combined = combine(Ballots.within(.1, Confidence.AGREEMENT, votes));
    assertThat(combined.output()).isEqualTo(Output.of(1.0));
    assertThat(combined.confidence().orElseThrow()).isEqualTo(2.0 / 3);
  }

  @Test
  void whereNobodyHasAWeightAllHaveTheSame() {
    Combined combined =
        combine(Ballots.of(4, 0, Confidence.WEIGHTED, vote(0, 0, Output.of("a")), vote(1, 0, Output.of("b")), vote(2, 0, Output.of("b"))));
    assertThat(combined.output()).isEqualTo(Output.of("b"));
    assertThat(combined.confidence()).hasValue(.5);
  }

  @Test
  void withoutAVoteThereIsNoAnswer() {
    assertThat(combiner.combine(Ballots.of(3, 1, Confidence.AGREEMENT))).isEmpty();
  }

  private Combined combine(Ballot ballot) {
    return combiner.combine(ballot).orElseThrow();
  }
}
