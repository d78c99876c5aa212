package io.clipper.load;

import java.time.Duration;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.actor.AbstractActor;
import org.apache.pekko.actor.ActorRef;
import org.apache.pekko.actor.ExtendedActorSystem;
import org.apache.pekko.actor.Props;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.Adapter;
import org.apache.pekko.pattern.Patterns;

/**
 * Answers bytes with bytes, as bare as Artery carries them: what a message there and one back cost by themselves. Neither it nor who asks it
 * is among a node's {@code large-message-destinations}, so both ways go by the ordinary lane, not by the one that queries take.
 */
final class Echo extends AbstractActor {
  private static final String NAME = "load-echo";
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final byte[] answer;

  private Echo(int answerBytes) {
    this.answer = new byte[answerBytes];
  }

  static void start(ActorSystem<?> system, int answerBytes) {
    ((ExtendedActorSystem) Adapter.toClassic(system)).systemActorOf(Props.create(Echo.class, () -> new Echo(answerBytes)), NAME);
  }

  /** The one that was started on that port of this machine, as that system reaches it. */
  static ActorRef at(ActorSystem<?> system, int port) {
    String path = "pekko://%s@127.0.0.1:%d/system/%s".formatted(system.name(), port, NAME);
    return ((ExtendedActorSystem) Adapter.toClassic(system)).provider().resolveActorRef(path);
  }

  static CompletionStage<Object> ask(ActorRef echo, byte[] bytes) {
    return Patterns.ask(echo, bytes, PATIENCE);
  }

  @Override
  public Receive createReceive() {
    return receiveBuilder().match(byte[].class, bytes -> getSender().tell(answer, getSelf())).build();
  }
}
