package io.clipper.combine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.clipper.model.Output;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class CombinersTest {
  static List<String> names() {
    return Combiners.names();
  }

  @ParameterizedTest
  @MethodSource("names")
  void everyNameGivesTheCombinerOfThatName(String name) {
    assertThat(LearnedCombiner.start(new CombinerSettings(name, false)).combiner().name()).isEqualTo(name);
    assertThat(LearnedCombiner.start(new CombinerSettings(name, true)).combiner().name()).isEqualTo(name);
  }

  @Test
  void whereNoneIsSetVotesAreCounted() {
    assertThat(CombinerSettings.of(Optional.empty(), Map.of(), false).name()).isEqualTo("weighted-vote");
  }

  @Test
  void anUnknownNameIsRefusedWithThoseThereAre() {
    assertThatThrownBy(() -> new CombinerSettings("mode", false))
        .hasMessage("combiner 'mode' is not one of weighted-vote, weighted-mean, median, first, bayesian-average, stacking, mean-imputation");
    assertThatThrownBy(() -> Confidence.named("sure")).hasMessage("confidence 'sure' is not one of agreement, probability, weighted");
    assertThat(Confidence.named("probability")).isEqualTo(Confidence.PROBABILITY);
  }

  @Test
  void anOptionIsRefusedWhereThereIsNoneOfThatNameOrItIsOutOfRange() {
    assertThatThrownBy(() -> new CombinerSettings("median", Map.of("rate", 1.0), true))
        .hasMessage("option rate=1.0 of combiner 'median' is not one of []");
    assertThatThrownBy(() -> new CombinerSettings("bayesian-average", Map.of("forgetting", 1.5), true))
        .hasMessage("option forgetting=1.5 of combiner 'bayesian-average' is not one of [forgetting (above 0, at most 1.0)]");
    assertThatThrownBy(() -> new CombinerSettings("stacking", Map.of("rate", Double.NaN), false)).hasMessageContaining("rate=NaN");
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
  void aNumberBetweenNumbersHasNoProbability() {
    Optional<Confidence> probability = Optional.of(Confidence.PROBABILITY);
    for (String name : List.of("weighted-mean", "median", "bayesian-average", "stacking", "mean-imputation")) {
      Combiner combiner = LearnedCombiner.start(new CombinerSettings(name, true)).combiner();
      assertThat(combiner.canSay(probability, 5, true)).isFalse();
      assertThat(combiner.canSay(Optional.empty(), 2, false)).isTrue();
    }
    assertThat(new WeightedVote().canSay(probability, 5, true)).isTrue();
  }

  @Test
  void aBallotThatCannotBeIsRefused() {
    assertThatThrownBy(() -> new Ballot(List.of(), List.of(), Optional.empty(), Optional.empty(), -1)).hasMessage("tolerance -1.0 is below 0");
    assertThatThrownBy(() -> Ballots.vote(0, Double.NaN, Output.of("a"))).hasMessage("weight NaN of m0:1 is below 0 or not finite");
  }
}
