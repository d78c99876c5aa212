package io.clipper.application;

import io.clipper.Refused;
import io.clipper.application.LedgerEvent.Learned;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
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

  /** Takes what is to be kept, under a number that the answer carries. */
  interface Sender {
    void send(long number, List<LedgerEvent> events);
  }

  private final Sender send;
  private final UnaryOperator<Ledger> inUse;
  private final Consumer<Lesson> learned;
  private List<LedgerEvent> nextEvents = new ArrayList<>();
  private List<Waiting> nextLessons = new ArrayList<>();
  private List<Waiting> sentLessons = List.of();

  /** Those who said again what is on its way already, by query. */
  private final Map<Long, List<ActorRef<StatusReply<Feedback.Receipt>>>> underway = new HashMap<>();

  private List<LedgerEvent> sentEvents = List.of();
  private long sentNumber;
  private Ledger durable = Ledger.start();
  private Ledger ledger = durable;
  private boolean sending;
  private boolean answering;
  private boolean known;

  /** Sending nothing asks for the state there is. */
  LedgerLink(Sender send) {
    this(send, UnaryOperator.identity(), lesson -> {});
  }

  /**
   * @param inUse what to choose by, of what is durable
   * @param learned hears of each lesson that is acknowledged, once
   */
  LedgerLink(Sender send, UnaryOperator<Ledger> inUse, Consumer<Lesson> learned) {
    this.send = send;
    this.inUse = inUse;
    this.learned = learned;
  }

  /** The state in use: what is durable, and what is only about to be, lessons excepted. */
  Ledger ledger() {
    return ledger;
  }

  /** Whether the ledger has answered, and answers still. */
  boolean isAnswering() {
    return answering;
  }

  /** What feedback is told while the ledger does not answer. */
  static Refused doesNotAnswer() {
    return new Refused(Refused.Reason.UNAVAILABLE, "the feedback store does not answer; nothing was recorded");
  }

  /** Whether the ledger has answered since the start: before that what is in use is what a loop begins with. */
  boolean isKnown() {
    return known;
  }

  boolean isIdle() {
    return !sending && nextEvents.isEmpty() && nextLessons.isEmpty();
  }

  /** Asks for the state; called once at the start and after each silence. */
  void synchronise() {
    sending = true;
    send.send(++sentNumber, List.of());
  }

  /** An event that concerns no client takes effect at once. */
  void add(LedgerEvent event) {
    ledger = ledger.after(event);
    nextEvents.add(event);
    sendNext();
  }

  void add(Lesson lesson, ActorRef<StatusReply<Feedback.Receipt>> replyTo) {
    if (!answering) {
      replyTo.tell(StatusReply.error(doesNotAnswer()));
    } else if (nextLessons.size() >= MAX_WAITING) {
      replyTo.tell(StatusReply.error(new Refused(Refused.Reason.UNAVAILABLE, "more feedback waits to be stored than is kept waiting")));
    } else if (ledger.knows(lesson)) {
      replyTo.tell(StatusReply.success(new Feedback.Receipt(lesson.queryId(), false, 0)));
    } else if (underway.containsKey(lesson.queryId())) {
      underway.get(lesson.queryId()).add(replyTo);
    } else {
      underway.put(lesson.queryId(), new ArrayList<>());
      nextLessons.add(new Waiting(lesson, replyTo));
      sendNext();
    }
  }

  /** Whether the answer of that number is to what was sent last; an earlier one comes late, after a silence, and says nothing of it. */
  boolean isAwaited(long number) {
    return number == sentNumber;
  }

  /** What was sent last is durable, and this is the state that holds it. */
  void kept(Ledger kept) {
    known = true;
    answering = true;
    sending = false;
    durable = kept;
    sentEvents = List.of();
    chooseAgain();
    for (Waiting waiting : sentLessons) {
      long queryId = waiting.lesson().queryId();
      int models = waiting.lesson().observation().judged().size();
      learned.accept(waiting.lesson());
      waiting.replyTo().tell(StatusReply.success(new Feedback.Receipt(queryId, true, models)));
      again(queryId).forEach(replyTo -> replyTo.tell(StatusReply.success(new Feedback.Receipt(queryId, false, 0))));
    }
    sentLessons = List.of();
    sendNext();
  }

  /** What to choose by may be another than it was, of what is durable. */
  void chooseAgain() {
    ledger = inUse.apply(durable);
    sentEvents.forEach(event -> ledger = ledger.after(event));
    nextEvents.forEach(event -> ledger = ledger.after(event));
  }

  /** No answer for too long: whether what was sent is durable is not known, so it is not acknowledged. */
  void silent() {
    answering = false;
    List<Waiting> refused = new ArrayList<>(sentLessons);
    refused.addAll(nextLessons);
    for (Waiting waiting : refused) {
      StatusReply<Feedback.Receipt> unknown =
          StatusReply.error(new Refused(Refused.Reason.UNAVAILABLE, "the feedback store does not answer; send the feedback again"));
      waiting.replyTo().tell(unknown);
      again(waiting.lesson().queryId()).forEach(replyTo -> replyTo.tell(unknown));
    }
    sentLessons = List.of();
    nextLessons = new ArrayList<>();
    synchronise();
  }

  private List<ActorRef<StatusReply<Feedback.Receipt>>> again(long queryId) {
    List<ActorRef<StatusReply<Feedback.Receipt>>> others = underway.remove(queryId);
    return others == null ? List.of() : others;
  }

  private void sendNext() {
    if (sending || !answering || (nextEvents.isEmpty() && nextLessons.isEmpty())) {
      return;
    }
    List<LedgerEvent> events = nextEvents;
    sentEvents = List.copyOf(events);
    if (!nextLessons.isEmpty()) {
      events.add(new Learned(nextLessons.stream().map(Waiting::lesson).toList()));
    }
    sentLessons = nextLessons;
    nextEvents = new ArrayList<>();
    nextLessons = new ArrayList<>();
    sending = true;
    send.send(++sentNumber, events);
  }
}
