package io.clipper.membership;

import io.clipper.Refused;
import java.util.Optional;
import org.apache.pekko.actor.CoordinatedShutdown;
import org.apache.pekko.actor.typed.ActorSystem;

/** Why a node ended that must not be in the cluster that it came to, or did not get into one. */
public record NotLetIn(Refused because) implements CoordinatedShutdown.Reason {
  /** Of a system that ended for such a reason, in one line that names the option. */
  public static Optional<Refused> of(ActorSystem<?> system) {
    return CoordinatedShutdown.get(system)
        .getShutdownReason()
        .filter(NotLetIn.class::isInstance)
        .map(reason -> ((NotLetIn) reason).because());
  }
}
