package io.clipper.wire;

import java.util.stream.StreamSupport;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.Props;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.cluster.ClusterEvent;
import org.apache.pekko.cluster.typed.Cluster;
import org.apache.pekko.cluster.typed.GetCurrentState;
import org.apache.pekko.cluster.typed.Subscribe;
import org.apache.pekko.util.Version;

/**
 * Has a node write the highest version of what crosses nodes that all members read, those too that are only joining or out of reach. What a
 * member reads is the first number of its {@code pekko.cluster.app-version}; one that says nothing reads the oldest.
 */
public final class WireVersionActor {
  private sealed interface Command {}

  private record Changed() implements Command {}

  private record StateIs(ClusterEvent.CurrentClusterState state) implements Command {}

  private WireVersionActor() {}

  public static void start(ActorSystem<?> system) {
    ActorRef<Command> unused = system.systemActorOf(following(WireSerializer.of(system)), "clipper-wire-version", Props.empty());
  }

  private static Behavior<Command> following(WireSerializer serializer) {
    return Behaviors.setup(
        context -> {
          Cluster cluster = Cluster.get(context.getSystem());
          ActorRef<ClusterEvent.CurrentClusterState> state = context.messageAdapter(ClusterEvent.CurrentClusterState.class, StateIs::new);
          cluster
              .subscriptions()
              .tell(Subscribe.create(context.messageAdapter(ClusterEvent.MemberEvent.class, event -> new Changed()), ClusterEvent.MemberEvent.class));
          return Behaviors.receiveMessage(
              command -> {
                switch (command) {
                  // Asked of whoever tells of changes: what Cluster.state() shows may be older than the change.
                  case Changed changed -> cluster.subscriptions().tell(new GetCurrentState(state));
                  case StateIs(var now) ->
                      serializer.write(
                          StreamSupport.stream(now.getMembers().spliterator(), false)
                              .mapToInt(member -> read(member.appVersion()))
                              .min()
                              .orElse(WireSerializer.OLDEST_VERSION));
                }
                return Behaviors.same();
              });
        });
  }

  /** The version that a member reads at most. */
  static int read(Version appVersion) {
    String first = appVersion.version().split("[.+-]", 2)[0];
    return first.matches("[0-9]{1,9}") ? Integer.parseInt(first) : WireSerializer.OLDEST_VERSION;
  }
}
