package io.clipper.wire;

import io.clipper.Refused;
import io.clipper.application.ApplicationActor;
import io.clipper.application.Feedback;
import io.clipper.application.Learned;
import io.clipper.application.LearnedState;
import io.clipper.application.Prediction;
import io.clipper.artifact.ArtifactActor;
import io.clipper.bulletin.BulletinActor;
import io.clipper.cache.CacheCleared;
import io.clipper.catalog.CatalogActor;
import io.clipper.catalog.CatalogChange;
import io.clipper.catalog.CatalogRevision;
import io.clipper.membership.LeaseDesk;
import io.clipper.model.runtime.RuntimeSpec;
import io.clipper.replica.Leaving;
import io.clipper.replica.ModelReplicaActor;
import io.clipper.replica.Placed;
import io.clipper.replica.Running;
import java.lang.reflect.Modifier;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** The types that nodes say things to each other with, found in the code itself. */
final class Protocols {
  /** What an actor is told by its own node only. */
  static final Set<Class<?>> STAY_ON_THEIR_NODE =
      Set.of(
          ApplicationActor.Drain.class, ModelReplicaActor.Aim.class, ModelReplicaActor.Drain.class, ModelReplicaActor.GetStatus.class);

  private static final List<Class<?>> MESSAGES =
      List.of(
          ApplicationActor.Command.class,
          ApplicationActor.Reply.class,
          Feedback.Receipt.class,
          LearnedState.class,
          Prediction.class,
          ArtifactActor.Command.class,
          ArtifactActor.Reply.class,
          BulletinActor.Message.class,
          CatalogActor.Message.class,
          LeaseDesk.Command.class,
          LeaseDesk.Taken.class,
          ModelReplicaActor.Command.class,
          ModelReplicaActor.Reply.class,
          Refused.class);

  private static final List<Class<?>> PARTS =
      List.of(
          CacheCleared.class, CatalogChange.class, CatalogRevision.class, Learned.class, Leaving.class, Placed.class, Running.class, Feedback.Judgement.class, Feedback.Target.class, RuntimeSpec.class);

  private Protocols() {}

  /** All that may cross. What is private to an actor, or to a loop and its desks, cannot be sent by anyone else. */
  static List<Class<?>> types() {
    return Stream.concat(MESSAGES.stream(), PARTS.stream())
        .flatMap(Protocols::concrete)
        .filter(type -> !isPrivate(type) && !STAY_ON_THEIR_NODE.contains(type))
        .toList();
  }

  private static boolean isPrivate(Class<?> type) {
    return type.getEnclosingClass() == ApplicationActor.class ? !Modifier.isPublic(type.getModifiers()) : Modifier.isPrivate(type.getModifiers());
  }

  /** Those of which the examples have one inside another message. */
  static List<Class<?>> insideExamples() {
    return List.of(Feedback.OfQuery.class, Feedback.OfInput.class, Feedback.Label.class, Feedback.Reward.class, Feedback.Loss.class);
  }

  static boolean isSentByItself(Class<?> type) {
    return MESSAGES.stream().anyMatch(message -> message.isAssignableFrom(type));
  }

  private static Stream<Class<?>> concrete(Class<?> type) {
    return type.isSealed() ? Stream.of(type.getPermittedSubclasses()).flatMap(Protocols::concrete) : Stream.of(type);
  }
}
