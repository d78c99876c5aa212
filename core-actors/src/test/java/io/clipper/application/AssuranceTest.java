package io.clipper.application;

import static org.assertj.core.api.Assertions.assertThat;

import io.clipper.application.Lesson.Taught;
import io.clipper.catalog.CertaintySettings;
import io.clipper.certainty.Basis;
import io.clipper.certainty.Promise;
import io.clipper.change.Changed;
import io.clipper.combine.CombinerSettings;
import io.clipper.combine.Labelled;
import io.clipper.combine.Labelled.Opinion;
import io.clipper.model.ModelId;
import io.clipper.selection.Observation;
import io.clipper.selection.Observation.Judged;
import io.clipper.selection.PolicySettings;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Random;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.serialization.Serialization;
import org.apache.pekko.serialization.SerializationExtension;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AssuranceTest {
  private static final ActorTestKit KIT = ActorTestKit.create();
  private static final CertaintySettings ALL = new CertaintySettings(Optional.of(.9), "platt", "adwin");
  private static final List<ModelId> MODELS =
      List.of(new ModelId("a", "1"), new ModelId("b", "1"), new ModelId("c", "1"), new ModelId("d", "1"), new ModelId("e", "1"));
  private static final ModelId BROKEN = MODELS.get(1);
  private static final List<String> CLASSES = List.of("x", "y", "z");

  private final Serialization serialization = SerializationExtension.get(KIT.system());
  private final Random random = new Random(5);
  private int number;

  @AfterAll
  static void stop() {
    KIT.shutdownTestKit();
  }

  /** Events go through the journal's bytes, and in the middle the state through a snapshot's. */
  @ParameterizedTest
  @ValueSource(strings = {"weighted-vote", "bayesian-average", "stacking", "mean-imputation"})
  void allThatLabelsTaughtComesOutOfTheJournalBitForBit(String combiner) {
    List<LedgerEvent> events = new ArrayList<>(beginning("fixed-share", combiner, ALL));
    Ledger live = events.stream().reduce(Ledger.start(), Ledger::after, (one, other) -> other);
    for (int i = 0; i < 800; i++) {
      LedgerEvent event = lesson(live, i < 400 ? 0 : .6);
      events.add(event);
      live = live.after(event);
    }

    Ledger replayed = Ledger.start();
    for (int i = 0; i < events.size(); i++) {
      replayed = replayed.after(throughBytes(events.get(i), LedgerEvent.class));
      if (i == 500) {
        replayed = throughBytes(replayed, Ledger.class);
      }
    }

    assertThat(replayed).isEqualTo(live);
    assertThat(throughBytes(live, Ledger.class)).isEqualTo(live);
    assertThat(live.assurance().orElseThrow().labels()).isEqualTo(800);
    assertThat(live.assurance().orElseThrow().changes()).isNotEmpty();
  }

  @Test
  void aModelThatWorsenedStartsAgainFromTheMiddle() {
    Ledger ledger = started("adahedge", "weighted-vote", ALL);
    for (int i = 0; i < 600; i++) {
      ledger = ledger.after(lesson(ledger, 0));
    }
    long before = ledger.learner().standing(BROKEN).orElseThrow().observations();
    int late = 0;
    while (ledger.assurance().orElseThrow().changes().isEmpty() && late < 600) {
      ledger = ledger.after(lesson(ledger, .6));
      late++;
    }

    assertThat(ledger.assurance().orElseThrow().changes()).singleElement().isInstanceOfSatisfying(Changed.Worsened.class, one -> assertThat(one.model()).isEqualTo(BROKEN));
    assertThat(before).isEqualTo(600);
    assertThat(ledger.learner().standing(BROKEN).orElseThrow().observations()).isZero();
    assertThat(ledger.learner().standing(BROKEN).orElseThrow().evidence()).isEqualTo(20);
    assertThat(ledger.learner().standing(MODELS.getFirst()).orElseThrow().observations()).isEqualTo(600 + late);
  }

  @Test
  void whatIsWorseForAllResetsNobody() {
    Ledger ledger = started("adahedge", "weighted-vote", ALL);
    for (int i = 0; i < 1500; i++) {
      double more = i < 600 ? 0 : .4;
      ledger = ledger.after(lesson(ledger, List.of(more, more, more, more, more)));
    }

    assertThat(ledger.assurance().orElseThrow().changes()).isNotEmpty().allMatch(Changed.DataDrift.class::isInstance);
    for (ModelId model : MODELS) {
      assertThat(ledger.learner().standing(model).orElseThrow().observations()).isEqualTo(1500);
    }
  }

  @Test
  void coverageIsOfWhatWasIssued() {
    Ledger ledger = started("fixed-share", "weighted-vote", new CertaintySettings(Optional.of(.9), "none", "none"));
    for (int i = 0; i < 3000; i++) {
      ledger = ledger.after(lesson(ledger, 0));
    }

    assertThat(ledger.assurance().orElseThrow().certainty().conformal().orElseThrow().reached().coverage()).hasValueCloseTo(.9, Offset.offset(.01));
  }

  /** What an application without such settings writes is what it always wrote, and reads what was written before. */
  @Test
  void withoutSuchSettingsNothingIsKept() {
    Ledger ledger =
        Ledger.start().after(new LedgerEvent.PolicyChanged(new PolicySettings("exp4", Map.of()))).after(new LedgerEvent.Admitted(MODELS, List.of()));
    LedgerEvent plain = new LedgerEvent.Learned(List.of(new Lesson(1024, Optional.empty(), Optional.empty(), observation(List.of(0., 0., 0., 0., 0.)))));

    assertThat(ledger.after(plain).assurance()).isEmpty();
    assertThat(throughBytes(ledger.after(plain), Ledger.class)).isEqualTo(ledger.after(plain));
    assertThat(new String(serialization.serialize(plain).get(), StandardCharsets.ISO_8859_1)).doesNotContain("taught");
    assertThat(new String(serialization.serialize(ledger).get(), StandardCharsets.ISO_8859_1)).doesNotContain("assurance");
    assertThat(Assurance.isWanted(new CombinerSettings("weighted-vote", false), CertaintySettings.DEFAULT)).isFalse();
  }

  @Test
  void whatDidNotChangeGoesOn() {
    Ledger ledger = started("fixed-share", "bayesian-average", ALL);
    for (int i = 0; i < 50; i++) {
      ledger = ledger.after(lesson(ledger, 0));
    }
    Assurance before = ledger.assurance().orElseThrow();
    CertaintySettings other = new CertaintySettings(Optional.of(.95), "platt", "none");
    Assurance after = ledger.after(new LedgerEvent.CertaintyChanged(before.combiner().settings(), other)).assurance().orElseThrow();

    assertThat(after.combiner()).isEqualTo(before.combiner());
    assertThat(after.certainty().calibration()).isEqualTo(before.certainty().calibration());
    assertThat(after.certainty().conformal().orElseThrow().labels()).isZero();
    assertThat(after.watches()).isFalse();
  }

  private <T> T throughBytes(T value, Class<T> type) {
    return serialization.deserialize(serialization.serialize(value).get(), type).get();
  }

  private static Ledger started(String policy, String combiner, CertaintySettings certainty) {
    return beginning(policy, combiner, certainty).stream().reduce(Ledger.start(), Ledger::after, (one, other) -> other);
  }

  private static List<LedgerEvent> beginning(String policy, String combiner, CertaintySettings certainty) {
    return List.of(
        new LedgerEvent.PolicyChanged(new PolicySettings(policy, Map.of())),
        new LedgerEvent.CertaintyChanged(new CombinerSettings(combiner, false), certainty),
        new LedgerEvent.Admitted(MODELS, List.of()));
  }

  private LedgerEvent lesson(Ledger ledger, double more) {
    return lesson(ledger, MODELS.stream().map(model -> model.equals(BROKEN) ? more : 0).toList());
  }

  /** @param more for each model, how much more often it errs than one time in ten */
  private LedgerEvent lesson(Ledger ledger, List<Double> more) {
    String label = CLASSES.get(random.nextInt(3));
    List<Double> plausible = new ArrayList<>();
    double given = .4 + .5 * random.nextDouble();
    CLASSES.forEach(name -> plausible.add(name.equals(label) ? given : (1 - given) / 2));
    Promise promise =
        ledger
            .assurance()
            .orElseThrow()
            .certainty()
            .promise(new Basis.OfClasses(CLASSES, plausible), OptionalDouble.of(given), Optional.of("x"), Optional.empty());
    List<Opinion> opinions = MODELS.stream().map(model -> new Opinion(model, plausible)).toList();
    Taught taught = new Taught(new Labelled(CLASSES, opinions, label), Optional.of(promise));
    return new LedgerEvent.Learned(
        List.of(new Lesson(++number * 1024L, Optional.empty(), Optional.empty(), observation(more), Optional.of(taught.said().label()), Optional.of(taught))));
  }

  private Observation observation(List<Double> more) {
    List<Judged> judged = new ArrayList<>();
    for (int i = 0; i < more.size(); i++) {
      judged.add(new Judged(MODELS.get(i), random.nextDouble() < .1 + more.get(i) ? 1 : 0, 1));
    }
    return new Observation(judged, MODELS);
  }
}
