package io.clipper.combine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.clipper.model.Output;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class CombinersTest {
  @Test
  void everyNameGivesTheCombinerOfThatName() {
    assertThat(Combiners.names()).containsExactly("weighted-vote", "weighted-mean", "first");
    assertThat(Combiners.names()).allSatisfy(name -> assertThat(Combiners.of(Optional.of(name)).name()).isEqualTo(name));
    assertThat(Combiners.of(Optional.empty()).name()).isEqualTo("weighted-vote");
  }

  @Test
  void anUnknownNameIsRefusedWithThoseThereAre() {
    assertThatThrownBy(() -> Combiners.of(Optional.of("median")))
        .hasMessage("combiner 'median' is not one of weighted-vote, weighted-mean, first");
    assertThatThrownBy(() -> Confidence.named("sure")).hasMessage("confidence 'sure' is not one of agreement, probability, weighted");
    assertThat(Confidence.named("probability")).isEqualTo(Confidence.PROBABILITY);
  }

  @Test
  void aConfidenceNeedsSeveralModelsOrProbabilities() {
    assertThat(Confidence.canBeSaid(Optional.empty(), 1, false)).isFalse();
    assertThat(Confidence.canBeSaid(Optional.empty(), 1, true)).isTrue();
    assertThat(Confidence.canBeSaid(Optional.empty(), 2, false)).isTrue();
    assertThat(Confidence.canBeSaid(Optional.of(Confidence.AGREEMENT), 1, true)).isFalse();
    assertThat(Confidence.canBeSaid(Optional.of(Confidence.WEIGHTED), 2, false)).isTrue();
    assertThat(Confidence.canBeSaid(Optional.of(Confidence.PROBABILITY), 5, false)).isFalse();
  }

  @Test
  void aMeanHasNoProbability() {
    Optional<Confidence> probability = Optional.of(Confidence.PROBABILITY);
    assertThat(new WeightedMean().canSay(probability, 5, true)).isFalse();
    assertThat(new WeightedMean().canSay(Optional.empty(), 2, false)).isTrue();
    assertThat(new WeightedVote().canSay(probability, 5, true)).isTrue();
  }

  @Test
  void aBallotThatCannotBeIsRefused() {
    Vote vote = Ballots.vote(0, 1, Output.of("a"));
    assertThatThrownBy(() -> new Ballot(List.of(vote, vote), 1, 1, Optional.empty(), Optional.empty(), 0))
        .hasMessage("2 votes arrived, of 1 models asked");
    assertThatThrownBy(() -> Ballots.vote(0, Double.NaN, Output.of("a"))).hasMessage("weight NaN of m0:1 is below 0 or not finite");
  }
}
