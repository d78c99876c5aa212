package io.clipper.selection;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.annotation.JsonAutoDetect.Visibility;
import com.fasterxml.jackson.annotation.PropertyAccessor;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.cbor.CBORFactory;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import com.fasterxml.jackson.module.paramnames.ParameterNamesModule;
import io.clipper.model.ModelId;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A learner comes out of a snapshot with the bits it went in with, and learns on as if it had not been there. */
class LearnerJsonTest {
  private static final List<ObjectMapper> MAPPERS =
      Stream.of(
              new ObjectMapper(),
              new ObjectMapper().setVisibility(PropertyAccessor.FIELD, Visibility.ANY), // as Pekko's is
              new ObjectMapper(new CBORFactory()))
          .map(mapper -> mapper.registerModules(new Jdk8Module(), new ParameterNamesModule()))
          .toList();

  static List<String> policies() {
    return Policies.names();
  }

  @ParameterizedTest
  @MethodSource("policies")
  void aLearnerSurvivesJsonAndCbor(String policy) throws IOException {
    Learner learner = learned(policy);
    for (ObjectMapper mapper : MAPPERS) {
      Learner read = mapper.readValue(mapper.writeValueAsBytes(learner), Learner.class);
      assertThat(read).isEqualTo(learner);
      assertThat(taught(read, World.random(9))).isEqualTo(taught(learner, World.random(9)));
    }
  }

  @ParameterizedTest
  @MethodSource("policies")
  void aLearnerThatHasLearnedNothingSurvivesToo(String policy) throws IOException {
    Learner learner = Learner.start(new PolicySettings(policy));
    for (ObjectMapper mapper : MAPPERS) {
      assertThat(mapper.readValue(mapper.writeValueAsBytes(learner), Learner.class)).isEqualTo(learner);
    }
  }

  @Test
  void anObservationFromBeforeThereWereFeaturesIsRead() throws IOException {
    Observation observation = new Observation(World.judged(World.models(2), 0, 1), World.models(2));
    for (ObjectMapper mapper : MAPPERS) {
      byte[] written = mapper.writeValueAsBytes(observation);
      assertThat(mapper.readTree(written).has("features")).isFalse();
      assertThat(mapper.readValue(written, Observation.class)).isEqualTo(observation);
      Observation with = observation.at(Features.of(1, 2));
      assertThat(mapper.readValue(mapper.writeValueAsBytes(with), Observation.class)).isEqualTo(with);
    }
  }

  private static Learner learned(String policy) {
    PolicySettings settings = new PolicySettings(policy, policy.startsWith("exp") ? Map.of("eta", 0.1) : Map.of());
    Learner learner = taught(Learner.start(new PolicySettings("exp3")), World.random(1)).withPolicy(settings);
    List<ModelId> more = List.of(new ModelId("m0", "2"), new ModelId("m1", "1"));
    return taught(learner.admit(more, Map.of(more.getFirst(), new ModelId("m0", "1"))), World.random(2));
  }

  private static Learner taught(Learner learner, RandomGenerator random) {
    List<ModelId> models = World.models(4);
    Learner next = learner;
    for (int i = 0; i < 200; i++) {
      double[] losses = {random.nextDouble(), random.nextInt(2), 1.0 / 3, 0};
      next = next.observe(new Observation(World.judged(models, losses), models).at(Features.of(losses[0], i % 2)));
    }
    return next;
  }
}
