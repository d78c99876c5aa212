package io.clipper.application;

import static org.assertj.core.api.Assertions.assertThat;

import io.clipper.model.ModelId;
import io.clipper.selection.Observation;
import io.clipper.selection.Observation.Judged;
import io.clipper.selection.Policies;
import io.clipper.selection.PolicySettings;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.serialization.Serialization;
import org.apache.pekko.serialization.SerializationExtension;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What the snapshot store keeps, by the serializer that it has in a node, whose mapper is not set up as a plain one is. */
class LedgerSnapshotTest {
  private static final ActorTestKit KIT = ActorTestKit.create();
  private static final List<ModelId> MODELS = List.of(new ModelId("forest", "1"), new ModelId("network", "1"), new ModelId("network", "2"));

  @AfterAll
  static void stop() {
    KIT.shutdownTestKit();
  }

  static List<String> policies() {
    return Policies.names();
  }

  @ParameterizedTest
  @MethodSource("policies")
  void aLedgerComesOutOfASnapshotAsItWentIn(String policy) {
    check(learned(Ledger.start(), policy));
  }

  @ParameterizedTest
  @MethodSource("policies")
  void soDoesThatOfOnePartitionOfSeveral(String policy) {
    Ledger ledger = learned(Ledger.startSpread(), policy);
    check(ledger);
    assertThat(ledger.own().orElseThrow().learner()).isEqualTo(ledger.learner());
  }

  private static void check(Ledger ledger) {
    Serialization serialization = SerializationExtension.get(KIT.system());

    Ledger read = serialization.deserialize(serialization.serialize(ledger).get(), Ledger.class).get();

    assertThat(read).isEqualTo(ledger);
    assertThat(read.contextLessons().size()).isEqualTo(35);
    assertThat(read.after(lessons(9))).isEqualTo(ledger.after(lessons(9)));
  }

  private static Ledger learned(Ledger start, String policy) {
    Ledger ledger =
        start
            .after(new LedgerEvent.PolicyChanged(new PolicySettings(policy, Map.of())))
            .after(new LedgerEvent.IdsReserved(1 << 20))
            .after(new LedgerEvent.Named(7, 12, List.of(new LedgerEvent.Incarnation(MODELS.get(0), 3, 12))))
            .after(new LedgerEvent.Admitted(MODELS, List.of(new LedgerEvent.Succession(MODELS.get(2), MODELS.get(1)))));
    for (int i = 0; i < 5; i++) {
      ledger = ledger.after(lessons(i));
    }
    return ledger;
  }

  private static LedgerEvent.Learned lessons(int list) {
    List<Lesson> lessons = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      int number = list * 10 + i;
      List<Judged> judged = MODELS.stream().map(model -> new Judged(model, (number + MODELS.indexOf(model)) % 3 / 3.0, 1)).toList();
      Optional<String> context = i % 3 == 0 ? Optional.of("anna") : i % 3 == 1 ? Optional.of("bert") : Optional.empty();
      lessons.add(new Lesson(number * 1024L, context, Optional.of("feedback-" + number), new Observation(judged, MODELS)));
    }
    return new LedgerEvent.Learned(lessons);
  }
}
