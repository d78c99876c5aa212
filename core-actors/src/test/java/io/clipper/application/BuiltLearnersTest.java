package io.clipper.application;

import static org.assertj.core.api.Assertions.assertThat;

import io.clipper.application.LedgerEvent.Admitted;
import io.clipper.application.LedgerEvent.Incarnation;
import io.clipper.application.LedgerEvent.Learned;
import io.clipper.application.LedgerEvent.Named;
import io.clipper.application.LedgerEvent.PolicyChanged;
import io.clipper.context.ContextRow;
import io.clipper.context.LearnedContext;
import io.clipper.model.ModelId;
import io.clipper.selection.Learner;
import io.clipper.selection.Observation;
import io.clipper.selection.Observation.Judged;
import io.clipper.selection.PolicySettings;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class BuiltLearnersTest {
  private static final ModelId FIRST = new ModelId("first", "1");
  private static final ModelId SECOND = new ModelId("second", "1");
  private static final ModelId THIRD = new ModelId("third", "1");

  private int builds;
  private final BuiltLearners learners =
      new BuiltLearners(
          (ledger, row) -> {
            builds++;
            return ledger.learnerOf(row);
          });
  private final Ledger ledger =
      Ledger.start().after(new PolicyChanged(new PolicySettings("exp4"))).after(new Admitted(List.of(FIRST, SECOND), List.of()));

  @Test
  void aContextsLearnerIsBuiltOnceWhileItsRowStays() {
    Optional<ContextRow> ann = row(ledger, "ann", 1);
    Optional<ContextRow> bob = row(ledger, "bob", 2);
    for (int query = 0; query < 10; query++) {
      assertThat(learners.of(ledger, ann)).isEqualTo(ledger.learnerOf(ann));
      assertThat(learners.of(ledger, bob)).isEqualTo(ledger.learnerOf(bob));
    }
    assertThat(builds).isEqualTo(2);
    Optional<ContextRow> taught = row(ledger, "ann", 3);
    learners.of(ledger, taught);
    learners.of(ledger, bob);
    assertThat(builds).isEqualTo(3);
  }

  @Test
  void whatTheApplicationLearnsIsNewForThoseWithoutARowOnly() {
    Optional<ContextRow> ann = row(ledger, "ann", 1);
    learners.of(ledger, ann);
    learners.of(ledger, Optional.empty());
    learners.of(ledger, Optional.empty());
    assertThat(builds).isEqualTo(2);
    Ledger wiser = ledger.after(new Learned(List.of(lesson())));
    learners.of(wiser, ann);
    assertThat(builds).isEqualTo(2);
    assertThat(learners.of(wiser, Optional.empty())).isEqualTo(wiser.learnerOf(Optional.empty())).isNotEqualTo(ledger.learnerOf(Optional.empty()));
    assertThat(builds).isEqualTo(3);
  }

  @Test
  void anotherPolicyAnotherCandidateAndAnotherModelOfTheNameAreFollowedAtOnce() {
    Optional<ContextRow> ann = row(ledger, "ann", 1);
    learners.of(ledger, ann);
    Ledger next = ledger.after(new PolicyChanged(new PolicySettings("exp3")));
    assertThat(learners.of(next, ann)).isEqualTo(next.learnerOf(ann));
    assertThat(builds).isEqualTo(2);
    next = next.after(new Admitted(List.of(FIRST, SECOND, THIRD), List.of()));
    assertThat(learners.of(next, ann).standing(THIRD)).isPresent();
    assertThat(builds).isEqualTo(3);
    next = next.after(new Named(1, 0, List.of(new Incarnation(FIRST, 1, 0)))).after(new Learned(List.of(lesson("ann"))));
    next = next.after(new Named(1, 0, List.of(new Incarnation(FIRST, 2, 0))));
    assertThat(learners.of(next, ann)).isEqualTo(next.learnerOf(ann));
    assertThat(builds).isEqualTo(4);
  }

  @Test
  void theLeastUsedIsLetGo() {
    Optional<ContextRow> first = row(ledger, "first", 1);
    Optional<ContextRow> second = row(ledger, "second", 2);
    learners.of(ledger, first);
    learners.of(ledger, second);
    learners.of(ledger, first);
    for (int others = 2; others <= BuiltLearners.MOST; others++) {
      learners.of(ledger, row(ledger, "other" + others, 3));
    }
    int before = builds;
    learners.of(ledger, first);
    assertThat(builds).isEqualTo(before);
    learners.of(ledger, second);
    assertThat(builds).isEqualTo(before + 1);
  }

  private static Optional<ContextRow> row(Ledger ledger, String context, long number) {
    Learner learner = ledger.learnerOf(Optional.empty()).observe(lesson().observation());
    return Optional.of(new ContextRow(context, number, new LearnedContext(learner)));
  }

  private static Lesson lesson() {
    Observation observation = new Observation(List.of(new Judged(FIRST, 1, 1), new Judged(SECOND, 0, 1)), List.of(FIRST, SECOND));
    return new Lesson(1024, Optional.empty(), Optional.empty(), observation);
  }

  private static Lesson lesson(String context) {
    return new Lesson(1024, Optional.of(context), Optional.empty(), lesson().observation());
  }
}
