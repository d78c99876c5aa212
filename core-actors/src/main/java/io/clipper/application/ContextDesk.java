package io.clipper.application;

import io.clipper.application.Lesson.Taught;
import io.clipper.certainty.Conformal;
import io.clipper.certainty.LearnedCertainty;
import io.clipper.certainty.Promise;
import io.clipper.certainty.QuantileTracker;
import io.clipper.context.ContextMemory;
import io.clipper.context.ContextPartition;
import io.clipper.context.ContextRow;
import io.clipper.context.ContextSettings;
import io.clipper.context.ContextStore;
import io.clipper.context.LearnedContext;
import io.clipper.context.LearnedContext.Scores;
import io.clipper.context.WrittenRow;
import io.clipper.selection.Learner;
import io.clipper.storage.StoredText;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;
import org.jspecify.annotations.Nullable;

/**
 * The contexts of one loop: teaches them what the ledger has made durable, has their rows read when they are asked for and written when
 * they are newer, and tells the ledger which lessons it need not keep any more. Of a name that no database keeps, which earlier versions
 * took, it learns nothing: its row would hold up those of all others. Only its loop calls it.
 */
final class ContextDesk implements KnownContexts {
  /** What comes back from the rows, and what is due. */
  sealed interface Signal {}

  private record Read(ContextPartition of, String context, ContextStore.Found found) implements Signal {}

  private record NotRead(ContextPartition of, String context, Throwable cause) implements Signal {}

  private record Written(ContextPartition of, List<WrittenRow> rows) implements Signal {}

  private record NotWritten(ContextPartition of, Throwable cause) implements Signal {}

  private record Due() implements Signal {}

  private record WaitedLong(Waiting one) implements Signal {}

  /** One that waits for a context's row. */
  static final class Waiting {
    private final String context;
    private final Consumer<Boolean> then;
    private DeadlineClock.@Nullable Deadline deadline;

    private Waiting(String context, Consumer<Boolean> then) {
      this.context = context;
      this.then = then;
    }
  }

  /** Rows that could not be read are not waited for so soon again. */
  private static final Duration PAUSE = Duration.ofSeconds(1);

  private final ActorContext<ApplicationActor.Command> context;
  private final TimerScheduler<ApplicationActor.Command> timers;
  private final ServingParts parts;
  private final ContextStore store;
  private final ContextSettings settings;
  private final LedgerLink ledger;
  private final Map<String, List<Waiting>> waiting = new HashMap<>();
  private final BuiltLearners learners = new BuiltLearners(Ledger::learnerOf);
  private ContextPartition of;
  private ContextMemory memory;
  private long heard;
  private boolean following;
  private boolean failing;
  private long readableFrom;

  ContextDesk(
      ActorContext<ApplicationActor.Command> context,
      TimerScheduler<ApplicationActor.Command> timers,
      ServingParts parts,
      String application,
      int partition,
      LedgerLink ledger) {
    this.context = context;
    this.timers = timers;
    this.parts = parts;
    this.store = parts.contexts().orElseThrow();
    this.settings = Partitions.isSpread(partition) ? parts.contextSettings().sharedBy(Partitions.SPREAD) : parts.contextSettings();
    this.ledger = ledger;
    this.of = new ContextPartition(application, Incarnations.NONE.application(), partition);
    this.memory = settings.memory();
    this.readableFrom = parts.nanoClock().getAsLong();
  }

  /** Whether waiting for that context's row would teach a query anything. */
  @Override
  public boolean isWorthWaiting(String context) {
    return following && !memory.isHere(context) && StoredText.isKept(context) && parts.nanoClock().getAsLong() - readableFrom >= 0;
  }

  /** Whether what was learned of the context is not known at the moment. */
  boolean isUnread(Optional<String> context) {
    return context.isPresent() && (!following || !memory.isHere(context.get()));
  }

  /** The context's own, or one that starts from what the application knows; the application's where there is no context. */
  @Override
  public Learner learnerFor(Optional<String> context) {
    return context.isPresent() ? learners.of(ledger.ledger(), memory.find(context.get())) : ledger.ledger().learner();
  }

  /** What else a query has of its context. */
  @Override
  public OfContext known(Optional<String> context) {
    return context.isEmpty() ? OfContext.NONE : new OfContext(isUnread(context), context.flatMap(memory::find).flatMap(this::tracker));
  }

  /** Has the row read; goes on when it is here, or at that time without it. */
  @Override
  public Waiting await(String wanted, long untilNanos, Consumer<Boolean> then) {
    Waiting one = new Waiting(wanted, then);
    waiting.computeIfAbsent(wanted, each -> new ArrayList<>()).add(one);
    one.deadline = parts.deadlines().at(untilNanos, () -> tell(new WaitedLong(one)));
    read(wanted);
    return one;
  }

  /** It waits no longer, and does not go on. */
  @Override
  public void cancel(Waiting one) {
    if (one.deadline != null) {
      one.deadline.cancel();
    }
    List<Waiting> others = waiting.getOrDefault(one.context, List.of());
    if (others.remove(one) && others.isEmpty()) {
      waiting.remove(one.context);
    }
  }

  /** All that wait go on without their rows. */
  void awaitNoMore() {
    List.copyOf(waiting.keySet()).forEach(each -> goOn(each, false));
  }

  /** Whether feedback with a context can be taken: what is in no row has to be kept by the ledger. */
  boolean hasRoom() {
    return ledger.ledger().contextLessons().size() < settings.maxUnwritten();
  }

  /** Takes in the lessons that have become durable. */
  void follow(Ledger durable) {
    long now = parts.nanoClock().getAsLong();
    ContextPartition today = new ContextPartition(of.application(), durable.incarnations().application(), of.partition());
    if (!following || !today.equals(of)) {
      following = true;
      of = today;
      memory = settings.memory();
      heard = 0;
      store.forgetOthers(of);
      durable.contexts().asMap().forEach((each, learner) -> adopt(each, learner, now));
      // What is on its way to those who wait is another's.
      waiting.keySet().forEach(this::read);
    }
    durable
        .contextLessons()
        .after(
            heard,
            (number, lesson) -> {
              String each = lesson.context().orElseThrow();
              if (StoredText.isKept(each)) {
                memory.learn(each, number, before -> taught(before, lesson), now);
                read(each);
              } else {
                memory.pass(number);
              }
            });
    heard = Math.max(heard, durable.contextLessons().last());
    write(now);
  }

  private void adopt(String name, Learner learner, long nowNanos) {
    if (StoredText.isKept(name)) {
      memory.adopt(new ContextRow(name, 0, new LearnedContext(learner)), nowNanos);
    }
  }

  void take(Signal signal) {
    long now = parts.nanoClock().getAsLong();
    switch (signal) {
      case Read read when read.of().equals(of) -> {
        memory.read(read.context(), read.found().row(), read.found().size(), now);
        goOn(read.context(), true);
        write(now);
      }
      case NotRead not when not.of().equals(of) -> {
        memory.unreadable(not.context());
        readableFrom = now + PAUSE.toNanos();
        goOn(not.context(), false);
        failed("read", not.cause());
      }
      case Written written when written.of().equals(of) -> {
        failing = false;
        memory.written(written.rows(), now);
        tellLedger();
        write(now);
      }
      case NotWritten not when not.of().equals(of) -> {
        memory.notWritten();
        failed("written", not.cause());
      }
      case Due due -> {
        memory.unreadContexts().forEach(this::read);
        tellLedger();
        write(now);
      }
      case WaitedLong late -> {
        if (waiting.getOrDefault(late.one().context, List.of()).contains(late.one())) {
          cancel(late.one());
          late.one().then.accept(false);
        }
      }
      case Read read -> {}
      case NotRead not -> {}
      case Written written -> {}
      case NotWritten not -> {}
    }
  }

  private LearnedContext taught(Optional<ContextRow> before, Lesson lesson) {
    Ledger today = ledger.ledger();
    Learner learner = today.learnerOf(before).observe(today.incarnations().today(lesson).observation());
    Optional<Taught> taught = lesson.taught();
    Optional<Promise> promise = taught.flatMap(Taught::promise);
    Optional<LearnedCertainty> certainty = today.assurance().map(Assurance::certainty).filter(known -> known.conformal().isPresent());
    if (promise.isEmpty() || certainty.isEmpty()) {
      return new LearnedContext(learner, before.flatMap(row -> row.learned().scores()));
    }
    QuantileTracker next =
        certainty.get().observe(before.flatMap(this::tracker), promise.get(), taught.orElseThrow().said().label());
    return new LearnedContext(learner, Optional.of(new Scores(certainty.get().conformal().map(Conformal::miss).orElseThrow(), next)));
  }

  /** That of today's share of misses. */
  private Optional<QuantileTracker> tracker(ContextRow row) {
    Optional<Double> miss = ledger.ledger().assurance().flatMap(known -> known.certainty().conformal()).map(Conformal::miss);
    return row.learned().scores().filter(scores -> miss.isPresent() && miss.get() == scores.miss()).map(Scores::tracker);
  }

  private void read(String wanted) {
    if (memory.startsReading(wanted)) {
      ContextPartition asked = of;
      context.pipeToSelf(
          store.read(asked, wanted),
          (found, failure) ->
              new ApplicationActor.OfContexts(failure == null ? new Read(asked, wanted, found) : new NotRead(asked, wanted, failure)));
    }
  }

  private void write(long nowNanos) {
    List<ContextRow> batch = memory.nextBatch(nowNanos);
    if (!batch.isEmpty()) {
      ContextPartition asked = of;
      context.pipeToSelf(
          store.write(asked, batch),
          (rows, failure) -> new ApplicationActor.OfContexts(failure == null ? new Written(asked, rows) : new NotWritten(asked, failure)));
    }
    boolean isOpen = memory.hasNews() || ledger.ledger().contextLessons().size() > 0;
    if (isOpen && !timers.isTimerActive(Due.class)) {
      timers.startSingleTimer(Due.class, new ApplicationActor.OfContexts(new Due()), settings.writeInterval().dividedBy(2));
    }
  }

  /** The ledger keeps a lesson until it is in a row. */
  private void tellLedger() {
    Ledger known = ledger.ledger();
    long upTo = memory.written();
    boolean isNews = known.contextLessons().written(upTo).size() < known.contextLessons().size() || (upTo >= 0 && !known.contexts().asMap().isEmpty());
    if (isNews && ledger.isAnswering()) {
      ledger.add(new LedgerEvent.ContextsWritten(upTo));
    }
  }

  private void goOn(String read, boolean isHere) {
    List<Waiting> ready = waiting.remove(read);
    for (Waiting one : ready == null ? List.<Waiting>of() : ready) {
      if (one.deadline != null) {
        one.deadline.cancel();
      }
      one.then.accept(isHere);
    }
  }

  private void failed(String what, Throwable cause) {
    if (!failing) {
      failing = true;
      context
          .getLog()
          .warn("contexts of '{}' cannot be {}: queries go by what the application knows, the ledger keeps the lessons: {}", of.application(), what, cause.getMessage());
    }
  }

  private void tell(Signal signal) {
    context.getSelf().tell(new ApplicationActor.OfContexts(signal));
  }
}
