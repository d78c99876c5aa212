package io.clipper.feedback;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.clipper.feedback.LoggedQuery.Asked;
import io.clipper.feedback.LoggedQuery.Gave;
import io.clipper.feedback.LoggedQuery.Missing;
import io.clipper.feedback.LoggedQuery.NotAdmitted;
import io.clipper.model.ClassProbabilities;
import io.clipper.model.ModelId;
import io.clipper.model.NamedTensor;
import io.clipper.model.Output;
import io.clipper.model.Tensor;
import io.clipper.selection.Features;
import io.clipper.selection.Propensity;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class LoggedQueryCodecTest {
  private static final ModelId FIRST = new ModelId("first", "1");
  private static final ModelId SECOND = new ModelId("second", "2");

  @Test
  void everyOutcomeComesBackAsItWas() {
    Output classified =
        new Output(
            List.of(new NamedTensor("label", Tensor.ofLongs(3).reshaped()), new NamedTensor("scores", Tensor.ofFloats(0.25f, 0.75f))),
            Optional.of(new ClassProbabilities(List.of("3", "8"), new double[] {0.25, 0.75})));
    LoggedQuery query =
        new LoggedQuery(
            "digits",
            1027,
            Optional.of("user"),
            List.of(
                new Asked(FIRST, 1, new Gave(classified, false)),
                new Asked(SECOND, 0.5, new Gave(Output.of("late"), true)),
                new Asked(FIRST, 1, new Missing()),
                new Asked(SECOND, 1, new NotAdmitted())),
            Optional.of(new LoggedQuery.Played(FIRST, 0.25)),
            List.of(FIRST),
            List.of(FIRST, SECOND));

    assertThat(LoggedQueryCodec.decode(LoggedQueryCodec.encode(List.of(query, query)))).containsExactly(query, query);
  }

  @Test
  void featuresAndWhatProbabilitiesAreWorthComeBackToo() {
    for (Propensity propensity : Propensity.values()) {
      LoggedQuery query =
          new LoggedQuery(
              "digits", 1, Optional.empty(), List.of(), Optional.empty(), List.of(), List.of(FIRST), Features.of(.5, -1), propensity);

      assertThat(LoggedQueryCodec.decode(LoggedQueryCodec.encode(List.of(query, query)))).containsExactly(query, query);
    }
  }

  @Test
  void aGroupFromBeforeThereWereFeaturesIsRead() {
    LoggedQuery query = new LoggedQuery("digits", 1, Optional.empty(), List.of(), Optional.empty(), List.of(), List.of(FIRST));
    byte[] group = LoggedQueryCodec.encode(List.of(query));
    byte[] earlier = Arrays.copyOf(group, group.length - 2);
    earlier[0] = 1;

    assertThat(LoggedQueryCodec.decode(earlier)).containsExactly(query);
  }

  @Test
  void aGroupOfAnotherVersionIsRefused() {
    byte[] group = LoggedQueryCodec.encode(List.of());
    group[0] = 9;

    assertThatThrownBy(() -> LoggedQueryCodec.decode(group)).hasMessageContaining("version 9");
  }

  @Test
  void aQueryOfFiveModelsTakesFewBytes() {
    List<Asked> asked = Collections.nCopies(5, new Asked(FIRST, 1, new Gave(Output.of(3L), false)));
    LoggedQuery query = new LoggedQuery("digits", 1, Optional.empty(), asked, Optional.empty(), List.of(FIRST), List.of(FIRST));

    int one = LoggedQueryCodec.encode(List.of(query)).length;
    int two = LoggedQueryCodec.encode(List.of(query, query)).length;

    assertThat(two - one).isLessThan(220);
  }
}
