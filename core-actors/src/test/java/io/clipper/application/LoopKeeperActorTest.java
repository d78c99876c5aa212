package io.clipper.application;

import static org.assertj.core.api.Assertions.assertThat;

import io.clipper.catalog.Application;
import io.clipper.catalog.Catalog;
import io.clipper.catalog.CatalogChanged;
import io.clipper.catalog.LearningSettings;
import io.clipper.membership.Members;
import io.clipper.membership.MembersActor;
import io.clipper.membership.NodeRoles;
import io.clipper.membership.Peer;
import io.clipper.model.InputType;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.ManualTime;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.cluster.sharding.typed.ShardingEnvelope;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LoopKeeperActorTest {
  private static final ActorTestKit KIT = ActorTestKit.create(ManualTime.config());

  private final ManualTime time = ManualTime.get(KIT.system());
  private final TestProbe<ShardingEnvelope<ApplicationActor.Command>> sharding = KIT.createTestProbe();
  private final TestProbe<MembersActor.Command> members = KIT.createTestProbe();
  private final AtomicReference<ActorRef<CatalogChanged>> catalog = new AtomicReference<>();
  private final Semaphore looks = new Semaphore(0);
  private ActorRef<Members> membersAre;

  @BeforeEach
  void start() {
    KIT.spawn(LoopKeeperActor.create(sharding.getRef(), members.getRef(), catalog::set, this::clock));
    membersAre = ((MembersActor.Watch) members.receiveMessage()).subscriber();
    looks.acquireUninterruptibly();
  }

  @AfterAll
  static void stop() {
    KIT.shutdownTestKit();
  }

  @Test
  void theOldestNodeWakesEachPartitionWhetherOrNotItIsAsked() {
    tell(seenFrom("first"));
    time.timePasses(Duration.ofSeconds(5));

    Set<String> woken = new HashSet<>();
    for (int i = 0; i < Partitions.SPREAD; i++) {
      ShardingEnvelope<ApplicationActor.Command> envelope = sharding.receiveMessage();
      assertThat(envelope.message()).isInstanceOf(ApplicationActor.Wake.class);
      woken.add(envelope.entityId());
    }
    assertThat(woken).hasSize(Partitions.SPREAD).allMatch(entityId -> entityId.startsWith("spread/"));
    sharding.expectNoMessage();

    time.timePasses(Duration.ofSeconds(5));
    assertThat(sharding.receiveMessage().message()).as("and again, while a move may not be over").isInstanceOf(ApplicationActor.Wake.class);
  }

  @Test
  void otherNodesLeaveItToTheOldest() {
    tell(seenFrom("second"));
    time.timePasses(Duration.ofSeconds(5));

    sharding.expectNoMessage();
  }

  /** Returns when it has set its timer, after which it looks at the clock. */
  private void tell(Members now) {
    membersAre.tell(now);
    looks.acquireUninterruptibly();
    Objects.requireNonNull(catalog.get()).tell(new CatalogChanged(catalog()));
    looks.acquireUninterruptibly();
  }

  private long clock() {
    looks.release();
    return 0;
  }

  private static Members seenFrom(String self) {
    Set<String> roles = Set.of(NodeRoles.APPLICATION);
    return new Members(self, List.of(new Peer("first", roles), new Peer("second", roles)), Set.of("first", "second"), Set.of());
  }

  private static Catalog catalog() {
    LearningSettings d = LearningSettings.DEFAULT;
    LearningSettings everyNode =
        new LearningSettings(
            d.policy(), d.policyOptions(), d.combiner(), d.combinerOptions(), d.loss(), d.confidence(), d.confidenceThreshold(), d.tolerance(),
            d.onOverload(), "every-node", d.shadow(), d.missingLoss(), d.lateLoss(), d.maxAsked(), d.certainty());
    return new Catalog(1, Map.of("spread", application("spread", everyNode), "single", application("single", d)), Map.of());
  }

  private static Application application(String name, LearningSettings learning) {
    return new Application(name, InputType.DOUBLES.signature(), Duration.ofSeconds(1), "-1", learning, List.of());
  }
}
