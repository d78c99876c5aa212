package io.clipper.bulletin;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;
import org.apache.pekko.actor.typed.receptionist.Receptionist;
import org.apache.pekko.actor.typed.receptionist.ServiceKey;

/**
 * One node's voice and ear: tells its node's values to the same actor of every other node, and what it hears from them to the listeners of
 * its own.
 */
public final class BulletinActor {
  public static final ServiceKey<Command> KEY = ServiceKey.create(Command.class, "clipper-bulletin");

  public sealed interface Command {}

  /** What the nodes tell each other. */
  public sealed interface Message extends Command {}

  /** A topic's new value, in place of this node's last. */
  public record Tell(String topic, Value value) implements Command {}

  /** This node tells nothing under that topic any more; others forget it when they next hear this node's revisions. */
  public record Withdraw(String topic) implements Command {}

  /** The listener is told every node's value of the topic, as soon as it is known and at every change, until it stops. */
  public record Listen(String topic, ActorRef<News> listener) implements Command {}

  /** A value of the node whose bulletin this is from; of its later values each has a higher revision, whatever the topic. */
  public record Told(ActorRef<Command> from, String topic, long revision, Value value) implements Message {}

  /** All that a node tells, so that who missed something notices, and forgets what is not among it. */
  public record Revisions(ActorRef<Command> from, Map<String, Long> ofTopics) implements Message {
    public Revisions {
      ofTopics = Map.copyOf(ofTopics);
    }
  }

  /** Asks for a topic's value. */
  public record Pull(String topic, ActorRef<Command> replyTo) implements Message {}

  /** From one that has just come to know this node: asks for all its values. */
  public record Hello(ActorRef<Command> from) implements Message {}

  private record Present(Set<ActorRef<Command>> bulletins) implements Command {}

  private record Deaf(ActorRef<News> listener) implements Command {}

  private record TimeToRepeat() implements Command {}

  /**
   * What a listener hears.
   *
   * @param node the same for all that comes from one node, for as long as that node lives
   * @param value empty when the node is gone, or tells it no more
   */
  public record News(ActorRef<Command> node, String topic, Optional<Value> value) {}

  private record Own(long revision, Value value) {}

  private final ActorContext<Command> context;
  private final Map<String, Own> own = new HashMap<>();
  /** Of all topics: one that is withdrawn and told again goes on above what others may still know of it. */
  private long lastRevision;

  private final Map<ActorRef<Command>, Heard> others = new HashMap<>();
  private final Map<String, List<ActorRef<News>>> listeners = new HashMap<>();

  private BulletinActor(ActorContext<Command> context) {
    this.context = context;
  }

  /** @param repeat how often the revisions are told again: what a lost message costs at most */
  public static Behavior<Command> create(Duration repeat) {
    return Behaviors.setup(
        context -> Behaviors.withTimers(timers -> new BulletinActor(context).started(timers, repeat)));
  }

  private Behavior<Command> started(TimerScheduler<Command> timers, Duration repeat) {
    timers.startTimerWithFixedDelay(new TimeToRepeat(), repeat);
    var receptionist = context.getSystem().receptionist();
    receptionist.tell(Receptionist.register(KEY, context.getSelf()));
    receptionist.tell(
        Receptionist.subscribe(
            KEY, context.messageAdapter(Receptionist.Listing.class, listing -> new Present(listing.getServiceInstances(KEY)))));
    return Behaviors.receiveMessage(
        command -> {
          on(command);
          return Behaviors.same();
        });
  }

  private void on(Command command) {
    switch (command) {
      case Tell(var topic, var value) -> tell(topic, value);
      case Withdraw(var topic) -> withdraw(topic);
      case Listen(var topic, var listener) -> listen(topic, listener);
      case Deaf(var listener) -> listeners.values().forEach(ofTopic -> ofTopic.remove(listener));
      case Told told -> hear(told);
      case Revisions(var from, var ofTopics) -> compare(from, ofTopics);
      case Pull(var topic, var replyTo) -> Optional.ofNullable(own.get(topic)).ifPresent(value -> replyTo.tell(told(topic, value)));
      case Hello(var from) -> own.forEach((topic, value) -> from.tell(told(topic, value)));
      case Present(var bulletins) -> meet(bulletins);
      case TimeToRepeat() -> others.keySet().forEach(other -> other.tell(revisions()));
    }
  }

  private void tell(String topic, Value value) {
    Own now = new Own(++lastRevision, value);
    own.put(topic, now);
    others.keySet().forEach(other -> other.tell(told(topic, now)));
    inform(context.getSelf(), topic, Optional.of(value));
  }

  private void withdraw(String topic) {
    if (own.remove(topic) != null) {
      inform(context.getSelf(), topic, Optional.empty());
    }
  }

  private void listen(String topic, ActorRef<News> listener) {
    listeners.computeIfAbsent(topic, unheard -> new ArrayList<>()).add(listener);
    context.watchWith(listener, new Deaf(listener));
    Optional.ofNullable(own.get(topic)).ifPresent(value -> listener.tell(new News(context.getSelf(), topic, Optional.of(value.value()))));
    others.forEach(
        (node, heard) ->
            Optional.ofNullable(heard.topics().get(topic)).ifPresent(entry -> listener.tell(new News(node, topic, Optional.of(entry.value())))));
  }

  /** From a node that the receptionist has not shown yet nothing is taken: it is asked for all it has when it is there. */
  private void hear(Told told) {
    Heard before = others.get(told.from());
    if (before != null) {
      before
          .after(told.topic(), told.revision(), told.value())
          .ifPresent(
              now -> {
                others.put(told.from(), now);
                inform(told.from(), told.topic(), Optional.of(told.value()));
              });
    }
  }

  private void compare(ActorRef<Command> from, Map<String, Long> ofTopics) {
    Heard heard = others.get(from);
    if (heard != null) {
      ofTopics.forEach(
          (topic, revision) -> {
            if (!heard.knows(topic, revision)) {
              from.tell(new Pull(topic, context.getSelf()));
            }
          });
      heard.topics().keySet().stream().filter(topic -> !ofTopics.containsKey(topic)).forEach(gone -> inform(from, gone, Optional.empty()));
      others.put(from, heard.only(ofTopics.keySet()));
    }
  }

  private void meet(Set<ActorRef<Command>> bulletins) {
    Set<ActorRef<Command>> gone = new HashSet<>(others.keySet());
    gone.removeAll(bulletins);
    gone.forEach(this::forget);
    for (ActorRef<Command> bulletin : bulletins) {
      if (!bulletin.equals(context.getSelf()) && !others.containsKey(bulletin)) {
        others.put(bulletin, Heard.NOTHING);
        bulletin.tell(new Hello(context.getSelf()));
      }
    }
  }

  private void forget(ActorRef<Command> node) {
    Heard last = others.remove(node);
    if (last != null) {
      last.topics().keySet().forEach(topic -> inform(node, topic, Optional.empty()));
    }
  }

  private void inform(ActorRef<Command> node, String topic, Optional<Value> value) {
    listeners.getOrDefault(topic, List.of()).forEach(listener -> listener.tell(new News(node, topic, value)));
  }

  private Told told(String topic, Own value) {
    return new Told(context.getSelf(), topic, value.revision(), value.value());
  }

  private Revisions revisions() {
    Map<String, Long> ofTopics = new HashMap<>();
    own.forEach((topic, value) -> ofTopics.put(topic, value.revision()));
    return new Revisions(context.getSelf(), ofTopics);
  }
}
