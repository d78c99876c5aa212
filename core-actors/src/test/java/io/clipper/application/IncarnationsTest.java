package io.clipper.application;

import static org.assertj.core.api.Assertions.assertThat;

import io.clipper.application.LedgerEvent.Admitted;
import io.clipper.application.LedgerEvent.Incarnation;
import io.clipper.application.LedgerEvent.Learned;
import io.clipper.application.LedgerEvent.Named;
import io.clipper.context.ContextRow;
import io.clipper.context.LearnedContext;
import io.clipper.model.ModelId;
import io.clipper.selection.Learner;
import io.clipper.selection.Observation;
import io.clipper.selection.Observation.Judged;
import io.clipper.selection.PolicySettings;
import io.clipper.selection.Standing;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class IncarnationsTest {
  private static final ModelId A = new ModelId("a", "1");
  private static final ModelId B = new ModelId("b", "1");
  private static final Optional<String> ANNA = Optional.of("anna");

  private final Ledger taught =
      Ledger.start()
          .after(new Named(1, 0, List.of(new Incarnation(A, 2, 0), new Incarnation(B, 3, 0))))
          .after(new Admitted(List.of(A, B), List.of()))
          .after(new Learned(List.of(lesson(0), lesson(1))));

  @Test
  void anotherApplicationOfTheNameStartsAnew() {
    Ledger another = taught.after(new Named(9, 2, List.of(new Incarnation(A, 2, 2), new Incarnation(B, 3, 2))));

    assertThat(another.learner().observations()).isZero();
    assertThat(another.contextLessons().size()).isZero();
    assertThat(another.knows(lesson(1))).isTrue();
    assertThat(another.incarnations().today(lesson(1)).observation().judged()).isEmpty();
    assertThat(another.incarnations().today(lesson(2))).isEqualTo(lesson(2));
  }

  @Test
  void anotherVersionOfTheNameStartsAnewAndTheRestStays() {
    Ledger another = taught.after(new Named(1, 2, List.of(new Incarnation(B, 8, 2)))).after(new Admitted(List.of(A, B), List.of()));

    assertThat(another.learner().standing(A).map(Standing::observations)).contains(2L);
    assertThat(another.learner().standing(B).map(Standing::observations)).contains(0L);
    assertThat(another.learnerOf(anna(2)).standing(A).map(Standing::observations)).contains(2L);
    assertThat(another.learnerOf(anna(2)).standing(B).map(Standing::observations)).contains(0L);
    assertThat(another.learnerOf(anna(3)).standing(B).map(Standing::observations)).contains(2L);
    assertThat(another.incarnations().today(lesson(1)).observation().judged()).extracting(Judged::model).containsExactly(A);
  }

  @Test
  void whoIsKnownAlreadyIsForgottenByNobody() {
    assertThat(taught.after(new Named(1, 2, List.of(new Incarnation(A, 2, 2)))).learner()).isEqualTo(taught.learner());
  }

  @Test
  void aLedgerThatKnewNoNumbersKeepsWhatItLearned() {
    Ledger old = Ledger.start().after(new Admitted(List.of(A, B), List.of())).after(new Learned(List.of(lesson(0))));

    assertThat(old.after(new Named(1, 5, List.of(new Incarnation(A, 2, 5)))).learner()).isEqualTo(old.learner());
  }

  private static Optional<ContextRow> anna(long number) {
    return Optional.of(new ContextRow("anna", number, new LearnedContext(Learner.start(new PolicySettings("exp4")).observe(lesson(0).observation()).observe(lesson(1).observation()))));
  }

  private static Lesson lesson(long counter) {
    Observation observation = new Observation(List.of(new Judged(A, 0, 1), new Judged(B, 1, 1)), List.of(A, B));
    return new Lesson(counter * QueryIds.PARTITIONS, ANNA, Optional.empty(), observation);
  }
}
