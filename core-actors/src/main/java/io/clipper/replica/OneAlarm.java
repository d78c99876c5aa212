package io.clipper.replica;

import org.apache.pekko.actor.typed.ActorRef;

/** An alarm of which one is set at a time: an actor is told the message, and sets the next, if it wants one. */
final class OneAlarm<M> {
  private final Alarms alarms;
  private final ActorRef<? super M> actor;
  private final M message;
  private boolean isSet;

  OneAlarm(Alarms alarms, ActorRef<? super M> actor, M message) {
    this.alarms = alarms;
    this.actor = actor;
    this.message = message;
  }

  /** Nothing where one is set, even for later. */
  void setAt(long nanos) {
    if (!isSet) {
      isSet = true;
      alarms.at(nanos, () -> actor.tell(message));
    }
  }

  /** The actor has the message. */
  void rang() {
    isSet = false;
  }
}
