package io.clipper.wire;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import io.clipper.Refused;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.typed.ActorRefResolver;
import org.junit.jupiter.api.Test;

class WireTypesTest {
  private static final List<Class<?>> WITH_A_FORM = WireTypes.ALL.stream().<Class<?>>map(Form::type).toList();

  @Test
  void everyMessageThatCrossesNodesHasAForm() {
    assertThat(WITH_A_FORM).containsAll(Protocols.types());
  }

  @Test
  void whatHasAFormCrossesNodes() {
    assertThat(Protocols.types()).containsAll(WITH_A_FORM);
    assertThat(WITH_A_FORM).doesNotContainAnyElementsOf(Protocols.STAY_ON_THEIR_NODE);
  }

  @Test
  void aTypeHasOneFormInEachVersion() {
    assertThat(WireTypes.ALL.stream().map(form -> form.type().getName() + " since " + form.since())).doesNotHaveDuplicates();
  }

  @Test
  void everyFormIsTestedByAnExample() {
    ActorTestKit actors = ActorTestKit.create(ConfigFactory.load());
    try {
      Set<Class<?>> examples =
          Messages.all(ActorRefResolver.get(actors.system())).values().stream().<Class<?>>map(Object::getClass).collect(Collectors.toSet());
      Set<Class<?>> insideOthers = Set.copyOf(Protocols.insideExamples());

      assertThat(WITH_A_FORM).allMatch(type -> examples.contains(type) || insideOthers.contains(type));
    } finally {
      actors.shutdownTestKit();
    }
  }

  @Test
  void numbersAreThoseOfTheirTypesForAllTime() {
    assertThat(WireTypes.kryo(WireSerializer.VERSION).getRegistration(16).getType()).isEqualTo(Refused.class);
    assertThat(WireTypes.ALL).extracting(Form::number).allMatch(number -> number >= 16 && number <= 125);
    assertThat(WireTypes.ALL).as("each form").extracting(form -> form.number() + " since " + form.since()).doesNotHaveDuplicates();
    Map<Integer, Class<?>> types = new HashMap<>();
    WireTypes.ALL.forEach(form -> assertThat(types.merge(form.number(), form.type(), (first, next) -> first)).isEqualTo(form.type()));
  }
}
