package io.clipper.context;

import static org.assertj.core.api.Assertions.assertThat;

import io.clipper.model.ModelId;
import io.clipper.selection.Learner;
import io.clipper.selection.Observation;
import io.clipper.selection.Observation.Judged;
import io.clipper.selection.Policies;
import io.clipper.selection.PolicySettings;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class RowFormTest {
  private static final List<ModelId> MODELS = IntStream.range(0, 8).mapToObj(number -> new ModelId("model-" + number, "1")).toList();

  private final RowForm form = new RowForm();

  static List<String> policies() {
    return Policies.names();
  }

  @ParameterizedTest
  @MethodSource("policies")
  void whatWasLearnedComesBackBitForBit(String policy) throws IOException {
    LearnedContext learned = new LearnedContext(learner(policy));

    assertThat(form.read(form.bytes(learned))).isEqualTo(learned);
  }

  @Test
  void contextsShareWhatTheyHaveInCommon() throws IOException {
    byte[] bytes = form.bytes(new LearnedContext(learner("fixed-share")));
    Learner one = form.read(bytes).learner();
    Learner other = form.read(bytes).learner();

    assertThat(one.standings().get(3).model()).isSameAs(other.standings().get(3).model());
    assertThat(one.settings()).isSameAs(other.settings());
  }

  @Test
  void aContextOfEightModelsTakesLessThanAKilobyte() throws IOException {
    assertThat(form.bytes(new LearnedContext(learner("fixed-share"))).length).isLessThan(1000);
  }

  private static Learner learner(String policy) {
    Learner learner = Learner.start(new PolicySettings(policy)).admit(MODELS, Map.of());
    for (int i = 0; i < 5; i++) {
      int round = i;
      List<Judged> judged = MODELS.stream().map(model -> new Judged(model, (round + MODELS.indexOf(model)) % 3 / 3.0, 1)).toList();
      learner = learner.observe(new Observation(judged, MODELS));
      learner = i == 2 ? learner.contextLearner() : learner;
    }
    return learner;
  }
}
