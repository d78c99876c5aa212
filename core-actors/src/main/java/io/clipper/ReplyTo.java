package io.clipper;

import java.util.function.Consumer;
import org.apache.pekko.actor.typed.ActorRef;

/** Where an answer goes; equal ones are one asker's. */
public sealed interface ReplyTo<R> {
  void tell(R reply);

  /**
   * To whoever waits in this JVM, on the thread of the actor that answers, which it must not block: a message less, where nobody is to be
   * found by one.
   */
  record Here<R>(Consumer<R> waiting) implements ReplyTo<R> {
    @Override
    public void tell(R reply) {
      waiting.accept(reply);
    }
  }

  /** To an actor, on whatever node. */
  record There<R>(ActorRef<R> actor) implements ReplyTo<R> {
    @Override
    public void tell(R reply) {
      actor.tell(reply);
    }
  }
}
