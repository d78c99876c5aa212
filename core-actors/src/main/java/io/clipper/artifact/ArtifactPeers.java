package io.clipper.artifact;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.AskPattern;
import org.apache.pekko.actor.typed.receptionist.Receptionist;
import org.apache.pekko.actor.typed.receptionist.ServiceKey;

/** The other nodes that are in reach, each a source of its own: what one has lost or breaks off with another may have. */
public final class ArtifactPeers {
  private static final Duration WHO_IS_THERE = Duration.ofSeconds(3);

  private final ActorSystem<?> system;

  public ArtifactPeers(ActorSystem<?> system) {
    this.system = system;
  }

  /** Those of this moment; blocks until this node's own list of them is read. */
  public List<ArtifactSource> sources() {
    return registered(system, ArtifactActor.KEY).stream()
        .filter(peer -> !peer.path().address().hasLocalScope())
        .<ArtifactSource>map(peer -> new ArtifactPeer(system, peer))
        .toList();
  }

  /** All that are in reach, this node's own too. */
  static Set<ActorRef<ArtifactActor.Command>> registered(ActorSystem<?> system, ServiceKey<ArtifactActor.Command> key) {
    return AskPattern.<Receptionist.Command, Receptionist.Listing>ask(
            system.receptionist(), replyTo -> Receptionist.find(key, replyTo), WHO_IS_THERE, system.scheduler())
        .toCompletableFuture()
        .join()
        .getServiceInstances(key);
  }
}
