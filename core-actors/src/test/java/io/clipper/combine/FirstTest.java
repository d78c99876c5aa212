package io.clipper.combine;

import static io.clipper.combine.Ballots.model;
import static io.clipper.combine.Ballots.vote;
import static org.assertj.core.api.Assertions.assertThat;

import io.clipper.model.ModelId;
import io.clipper.model.Output;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class FirstTest {
  private final Combiner combiner = new First();
  private final List<Vote> votes = List.of(vote(0, .7, Output.of("a")), vote(1, .2, Output.of("b")), vote(2, .1, Output.of("b")));

  @Test
  void theModelThatWasPlayedAnswersWhateverOthersSay() {
    Combined combined = combine(Optional.of(model(1)));
    assertThat(combined.output()).isEqualTo(Output.of("b"));
    assertThat(combined.winners()).containsExactly(model(1), model(2));
    assertThat(combined.agreement()).hasValue(.5);
  }

  @Test
  void theFirstCandidateAnswersWhereThePlayedOneDidNot() {
    assertThat(combine(Optional.of(model(3))).output()).isEqualTo(Output.of("a"));
    assertThat(combine(Optional.empty()).output()).isEqualTo(Output.of("a"));
  }

  private Combined combine(Optional<ModelId> played) {
    return combiner.combine(new Ballot(votes, List.of(new Ballot.Missing(model(3), 0)), played, Optional.empty(), 0)).orElseThrow();
  }
}
