package io.clipper.membership;

import io.clipper.Aside;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import org.apache.pekko.actor.CoordinatedShutdown;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;

/**
 * Keeps the book of members on a node that is one, and signs in it. A member that finds itself in the book no more was removed by others,
 * who go on without it: it stops, as one that was cut off.
 */
final class MemberBookActor {
  sealed interface Command {}

  record MembersAre(Members members) implements Command {}

  /** What the book said last, before this node was a member. */
  record Remembered(Set<String> all) implements Command {}

  private record Written(Set<String> members) implements Command {}

  private record NotWritten() implements Command {}

  private record TimeToWrite() implements Command {}

  private record TimeToSign() implements Command {}

  /** @param found whether the node is in the book, as far as is known */
  private record Signed(boolean found) implements Command {}

  /** Work that may block. */
  interface Work {
    boolean done() throws SQLException;
  }

  private static final Duration PAUSE = Duration.ofMillis(500);
  private static final Duration SIGNING = Duration.ofSeconds(3);
  /** One may fall into the moment in which a new member has removed whom it had not heard of yet. */
  private static final int MISSES = 2;

  private final ActorContext<Command> context;
  private final TimerScheduler<Command> timers;
  private final MemberBook book;
  private final Work endTurn;
  private final String self;
  private final Incarnation incarnation;
  private final boolean shared;
  private Members members = Members.NONE;
  private Set<String> written = Set.of();
  private boolean isWriting;
  private boolean isSigning;
  private boolean isIn;
  private int misses;

  private MemberBookActor(
      ActorContext<Command> context, TimerScheduler<Command> timers, MemberBook book, Work endTurn, String self, Incarnation incarnation, boolean shared) {
    this.context = context;
    this.timers = timers;
    this.book = book;
    this.endTurn = endTurn;
    this.self = self;
    this.incarnation = incarnation;
    this.shared = shared;
  }

  /**
   * @param endTurn lets the next node in, once this one is in the book
   * @param shared whether others have the database too, and need to know whether this node lives
   */
  static Behavior<Command> create(MemberBook book, Work endTurn, String self, Incarnation incarnation, boolean shared) {
    return Behaviors.setup(
        context ->
            Behaviors.withTimers(timers -> new MemberBookActor(context, timers, book, endTurn, self, incarnation, shared).keeping()));
  }

  private Behavior<Command> keeping() {
    if (shared) {
      timers.startTimerWithFixedDelay(TimeToSign.class, new TimeToSign(), SIGNING);
    }
    return Behaviors.receiveMessage(
        command -> {
          switch (command) {
            case Remembered(var all) -> written = isIn ? written : all;
            case MembersAre(var now) -> {
              members = now;
              write();
            }
            case Written(var all) -> {
              isWriting = false;
              isIn = true;
              written = all;
              write();
            }
            case NotWritten() -> {
              isWriting = false;
              timers.startSingleTimer(TimeToWrite.class, new TimeToWrite(), PAUSE);
            }
            case TimeToWrite() -> write();
            case TimeToSign() -> sign();
            case Signed(var found) -> {
              isSigning = false;
              misses = found ? 0 : misses + 1;
              if (misses == MISSES) {
                return leave();
              }
            }
          }
          return Behaviors.same();
        });
  }

  /** One write at a time; what changes meanwhile is the next. */
  private void write() {
    if (!members.isInReach(self) || isWriting || (isIn && members.all().equals(written))) {
      return;
    }
    isWriting = true;
    Set<String> now = members.all();
    Set<String> came = without(now, isIn ? written : Set.of());
    // Who is remembered and turns out to be no member leaves the book with the first write.
    Set<String> removed = without(written, now);
    // Only with its first write: whom others have removed is not to come back by itself.
    came.remove(self);
    boolean enters = !isIn;
    context.pipeToSelf(
        Aside.call(
            () -> {
              book.write(came, removed);
              return enters ? enter() : true;
            }),
        (done, failed) -> failed == null ? new Written(now) : new NotWritten());
  }

  private boolean enter() throws SQLException {
    book.enter(self, incarnation);
    return endTurn.done();
  }

  /** A signature that fails is one that is missed: the next comes soon, and the store's own users say that it is gone. */
  private void sign() {
    if (!isIn || isSigning || !members.isInReach(self)) {
      return;
    }
    isSigning = true;
    context.pipeToSelf(Aside.call(() -> book.sign(self, incarnation)), (found, failed) -> new Signed(failed != null || found));
  }

  private Behavior<Command> leave() {
    context.getLog().warn("the database knows {} as a member no more: the others went on without it", self);
    CoordinatedShutdown.get(context.getSystem()).runAll(CoordinatedShutdown.clusterDowningReason());
    return Behaviors.stopped();
  }

  private static Set<String> without(Set<String> some, Set<String> others) {
    Set<String> rest = new HashSet<>(some);
    rest.removeAll(others);
    return rest;
  }
}
