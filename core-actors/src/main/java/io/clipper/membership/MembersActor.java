package io.clipper.membership;

import io.clipper.Managing;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.cluster.ClusterEvent;
import org.apache.pekko.cluster.Member;
import org.apache.pekko.cluster.MemberStatus;
import org.apache.pekko.cluster.typed.Cluster;
import org.apache.pekko.cluster.typed.GetCurrentState;
import org.apache.pekko.cluster.typed.Subscribe;

/** Turns the cluster's events into {@link Members}, and tells those who act on them. */
public final class MembersActor {
  public sealed interface Command {}

  /** The subscriber is told the members at once and at every change. */
  public record Watch(ActorRef<Members> subscriber) implements Command {}

  private record Changed() implements Command {}

  private record StateIs(ClusterEvent.CurrentClusterState state) implements Command {}

  private final ActorContext<Command> context;
  private final Cluster cluster;
  private final AtomicReference<Members> copy;
  private final ActorRef<ClusterEvent.CurrentClusterState> state;
  private final List<ActorRef<Members>> subscribers = new ArrayList<>();

  private MembersActor(ActorContext<Command> context, AtomicReference<Members> copy) {
    this.context = context;
    this.cluster = Cluster.get(context.getSystem());
    this.copy = copy;
    this.state = context.messageAdapter(ClusterEvent.CurrentClusterState.class, StateIs::new);
    cluster
        .subscriptions()
        .tell(Subscribe.create(context.messageAdapter(ClusterEvent.MemberEvent.class, event -> new Changed()), ClusterEvent.MemberEvent.class));
    cluster
        .subscriptions()
        .tell(
            Subscribe.create(
                context.messageAdapter(ClusterEvent.ReachabilityEvent.class, event -> new Changed()), ClusterEvent.ReachabilityEvent.class));
  }

  /** Starts it, with a copy of what it knows that any thread may read. */
  public static ActorRef<Command> start(ActorSystem<?> system, AtomicReference<Members> copy) {
    return system.systemActorOf(
        Behaviors.<Command>setup(context -> new MembersActor(context, copy).following()), "clipper-members", Managing.DISPATCHER);
  }

  private Behavior<Command> following() {
    cluster.subscriptions().tell(new GetCurrentState(state));
    return Behaviors.receiveMessage(
        command -> {
          switch (command) {
            case Watch(var subscriber) -> {
              subscribers.add(subscriber);
              subscriber.tell(copy.get());
            }
            // Asked of whoever tells of changes: what Cluster.state() shows may be older than the change.
            case Changed changed -> cluster.subscriptions().tell(new GetCurrentState(state));
            case StateIs(var now) -> look(now);
          }
          return Behaviors.same();
        });
  }

  private void look(ClusterEvent.CurrentClusterState state) {
    Members now = members(state);
    Members before = copy.getAndSet(now);
    if (!now.equals(before)) {
      MembersNews.between(before, now).forEach(news -> news.log(context.getLog()));
      subscribers.forEach(subscriber -> subscriber.tell(now));
    }
  }

  private Members members(ClusterEvent.CurrentClusterState state) {
    Set<Member> unreachable = Set.copyOf(state.getUnreachable());
    List<Member> all = StreamSupport.stream(state.getMembers().spliterator(), false).toList();
    List<Peer> inReach =
        all.stream()
            .filter(member -> member.status().equals(MemberStatus.up()) && !unreachable.contains(member))
            .sorted(MembersActor::byAge)
            .map(member -> new Peer(Peer.nameOf(member.address()), member.getRoles()))
            .toList();
    return new Members(
        Peer.nameOf(cluster.selfMember().address()),
        inReach,
        addresses(all),
        addresses(unreachable));
  }

  private static Set<String> addresses(Collection<Member> members) {
    return members.stream().map(member -> Peer.nameOf(member.address())).collect(Collectors.toUnmodifiableSet());
  }

  private static int byAge(Member one, Member other) {
    return one.equals(other) ? 0 : one.isOlderThan(other) ? -1 : 1;
  }
}
