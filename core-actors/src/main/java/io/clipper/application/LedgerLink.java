package io.clipper.application;

import io.clipper.Refused;
import io.clipper.application.LedgerEvent.Learned;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.pattern.StatusReply;

/**
 * The loop's side of its ledger. One list of events is on its way at a time; what comes meanwhile is the next list. A lesson is
 * acknowledged when the list it was in is durable. When the ledger is silent for too long what it was sent is refused, and nothing more
 * is taken until it has answered again.
 */
final class LedgerLink {
  private static final int MAX_WAITING = 100_000;

  private record Waiting(Lesson lesson, ActorRef<StatusReply<Feedback.Receipt>> replyTo) {}

  private final Consumer<List<LedgerEvent>> send;
  private List<LedgerEvent> nextEvents = new ArrayList<>();
  private List<Waiting> nextLessons = new ArrayList<>();
  private List<Waiting> sentLessons = List.of();
  private final Set<Long> underway = new HashSet<>();
  private Ledger ledger = Ledger.start();
  private boolean sending;
  private boolean answering;

  /** Sending nothing asks for the state there is. */
  LedgerLink(Consumer<List<LedgerEvent>> send) {
    this.send = send;
  }

  /** The state in use: what is durable, and what is only about to be, lessons excepted. */
  Ledger ledger() {
    return ledger;
  }

  /** Whether the ledger has answered, and answers still. */
  boolean isAnswering() {
    return answering;
  }

  boolean isIdle() {
    return !sending && nextEvents.isEmpty() && nextLessons.isEmpty();
  }

  /** Asks for the state; called once at the start and after each silence. */
  void synchronise() {
    sending = true;
    send.accept(List.of());
  }

  /** An event that concerns no client takes effect at once. */
  void add(LedgerEvent event) {
    ledger = ledger.after(event);
    nextEvents.add(event);
    sendNext();
  }

  void add(Lesson lesson, ActorRef<StatusReply<Feedback.Receipt>> replyTo) {
    if (!answering) {
      replyTo.tell(StatusReply.error(new Refused(Refused.Reason.UNAVAILABLE, "the feedback store does not answer; nothing was recorded")));
    } else if (nextLessons.size() >= MAX_WAITING) {
      replyTo.tell(StatusReply.error(new Refused(Refused.Reason.UNAVAILABLE, "more feedback waits to be stored than is kept waiting")));
    } else if (ledger.knows(lesson) || !underway.add(lesson.queryId())) {
      replyTo.tell(StatusReply.success(new Feedback.Receipt(lesson.queryId(), false, 0)));
    } else {
      nextLessons.add(new Waiting(lesson, replyTo));
      sendNext();
    }
  }

  /** What was sent is durable, and this is the state that holds it. */
  void kept(Ledger durable) {
    answering = true;
    sending = false;
    ledger = durable;
    nextEvents.forEach(event -> ledger = ledger.after(event));
    for (Waiting waiting : sentLessons) {
      underway.remove(waiting.lesson().queryId());
      int models = waiting.lesson().observation().judged().size();
      waiting.replyTo().tell(StatusReply.success(new Feedback.Receipt(waiting.lesson().queryId(), true, models)));
    }
    sentLessons = List.of();
    sendNext();
  }

  /** No answer for too long: whether what was sent is durable is not known, so it is not acknowledged. */
  void silent() {
    answering = false;
    List<Waiting> refused = new ArrayList<>(sentLessons);
    refused.addAll(nextLessons);
    for (Waiting waiting : refused) {
      underway.remove(waiting.lesson().queryId());
      waiting
          .replyTo()
          .tell(StatusReply.error(new Refused(Refused.Reason.UNAVAILABLE, "the feedback store does not answer; send the feedback again")));
    }
    sentLessons = List.of();
    nextLessons = new ArrayList<>();
    synchronise();
  }

  private void sendNext() {
    if (sending || !answering || (nextEvents.isEmpty() && nextLessons.isEmpty())) {
      return;
    }
    List<LedgerEvent> events = nextEvents;
    if (!nextLessons.isEmpty()) {
      events.add(new Learned(nextLessons.stream().map(Waiting::lesson).toList()));
    }
    sentLessons = nextLessons;
    nextEvents = new ArrayList<>();
    nextLessons = new ArrayList<>();
    sending = true;
    send.accept(events);
  }
}
