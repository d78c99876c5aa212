package io.clipper.application;

import static org.assertj.core.api.Assertions.assertThat;

import io.clipper.model.ModelId;
import io.clipper.selection.Observation;
import io.clipper.selection.Observation.Judged;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.pekko.actor.testkit.typed.javadsl.TestInbox;
import org.apache.pekko.pattern.StatusReply;
import org.junit.jupiter.api.Test;

class LedgerLinkTest {
  private static final ModelId MODEL = new ModelId("m", "1");

  private final List<List<LedgerEvent>> sent = new ArrayList<>();
  private final LedgerLink link =
      new LedgerLink(
          (number, events) -> {
            lastNumber = number;
            sent.add(events);
          });
  private final TestInbox<StatusReply<Feedback.Receipt>> client = TestInbox.create();
  private Ledger durable = Ledger.start();
  private long lastNumber;

  @Test
  void lessonsThatComeDuringAWriteAreTheNextList() {
    synchronised();
    link.add(lesson(0), client.getRef());
    link.add(lesson(1024), client.getRef());
    link.add(lesson(2048), client.getRef());
    assertThat(sent).hasSize(1);

    keep();

    assertThat(sent).hasSize(2);
    assertThat(sent.get(1)).containsExactly(new LedgerEvent.Learned(List.of(lesson(1024), lesson(2048))));
  }

  @Test
  void aLessonIsAcknowledgedWhenItIsDurableAndNotBefore() {
    synchronised();
    link.add(lesson(0), client.getRef());
    assertThat(client.hasMessages()).isFalse();

    keep();

    assertThat(client.receiveMessage()).isEqualTo(StatusReply.success(new Feedback.Receipt(0, true, 1)));
  }

  @Test
  void whatIsOnItsWayStaysInUseWhenItIsToChooseOtherwise() {
    synchronised();
    link.add(new LedgerEvent.IdsReserved(5));
    link.add(new LedgerEvent.Admitted(List.of(MODEL), List.of()));
    assertThat(sent).as("the second waits").hasSize(1);

    link.chooseAgain();

    assertThat(link.ledger().idsBelow()).isEqualTo(5);
    assertThat(link.ledger().lineup().candidates()).containsExactly(MODEL);
  }

  @Test
  void theSameQueryCountsOnce() {
    synchronised();
    link.add(lesson(0), client.getRef());
    link.add(lesson(0), client.getRef());
    keep();
    link.add(lesson(0), client.getRef());

    assertThat(client.getAllReceived())
        .containsExactly(receipt(true), receipt(false), receipt(false));
    assertThat(durable.learner().observations()).isEqualTo(1);
  }

  @Test
  void aSilentLedgerRefusesWhatItWasSentAndWhatComes() {
    synchronised();
    link.add(lesson(0), client.getRef());
    link.silent();
    link.add(lesson(1024), client.getRef());

    assertThat(client.getAllReceived()).allMatch(StatusReply::isError).hasSize(2);
  }

  @Test
  void aLedgerThatAnswersAgainTakesTheSameLessonAgain() {
    synchronised();
    link.add(lesson(0), client.getRef());
    link.silent();
    keep();
    client.getAllReceived();
    link.add(lesson(0), client.getRef());
    keep();

    assertThat(client.receiveMessage()).isEqualTo(receipt(true));
  }

  @Test
  void theAnswerToWhatWasSentBeforeASilenceIsNotTakenForThatOfWhatWasSentAfterIt() {
    synchronised();
    link.add(lesson(0), client.getRef());
    long before = lastNumber;
    link.silent();

    assertThat(link.isAwaited(before)).isFalse();
    assertThat(link.isAwaited(lastNumber)).isTrue();
  }

  @Test
  void whoeverSaysItAgainHearsWhenTheFirstIsDurableAndNotBefore() {
    synchronised();
    link.add(lesson(0), client.getRef());
    link.add(lesson(0), client.getRef());
    assertThat(client.hasMessages()).isFalse();

    link.silent();

    assertThat(client.getAllReceived()).hasSize(2).allMatch(StatusReply::isError);
  }

  @Test
  void anEventThatConcernsNoClientTakesEffectAtOnce() {
    link.synchronise();

    link.add(new LedgerEvent.Admitted(List.of(MODEL), List.of()));

    assertThat(link.ledger().lineup().candidates()).containsExactly(MODEL);
  }

  private void synchronised() {
    link.synchronise();
    keep();
    sent.clear();
  }

  /** The store writes what it was sent last. */
  private void keep() {
    if (!sent.isEmpty()) {
      for (LedgerEvent event : sent.getLast()) {
        durable = durable.after(event);
      }
    }
    link.kept(durable);
  }

  private static StatusReply<Feedback.Receipt> receipt(boolean observed) {
    return StatusReply.success(new Feedback.Receipt(0, observed, observed ? 1 : 0));
  }

  private static Lesson lesson(long queryId) {
    return new Lesson(queryId, Optional.empty(), Optional.empty(), new Observation(List.of(new Judged(MODEL, 1, 1)), List.of(MODEL)));
  }
}
