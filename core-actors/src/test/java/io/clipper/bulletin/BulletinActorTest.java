package io.clipper.bulletin;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.clipper.bulletin.BulletinActor.News;
import io.clipper.catalog.CatalogRevision;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.FishingOutcomes;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.BehaviorInterceptor;
import org.apache.pekko.actor.typed.TypedActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.receptionist.Receptionist;
import org.apache.pekko.cluster.typed.Cluster;
import org.apache.pekko.cluster.typed.Join;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Over several actor systems that are one cluster, with a node's own settings. */
class BulletinActorTest {
  private static final String TOPIC = "catalog";
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final Config NODE =
      ConfigFactory.parseString(
              """
              pekko.remote.artery.canonical { hostname = "127.0.0.1", port = 0 }
              pekko.coordinated-shutdown.run-by-actor-system-terminate = on
              """)
          .withFallback(ConfigFactory.parseResources("clipper-node.conf"))
          .withFallback(ConfigFactory.load());

  private final List<ActorTestKit> nodes = new ArrayList<>();

  @AfterEach
  void stop() {
    nodes.reversed().forEach(ActorTestKit::shutdownTestKit);
  }

  @Test
  void everyNodeHearsEveryValueAlsoThoseFromBeforeItCame() {
    ActorRef<BulletinActor.Command> one = bulletin(node(), Duration.ofMinutes(5));
    one.tell(new BulletinActor.Tell(TOPIC, new CatalogRevision(1)));
    ActorTestKit second = node();
    ActorRef<BulletinActor.Command> other = bulletin(second, Duration.ofMinutes(5));
    other.tell(new BulletinActor.Tell(TOPIC, new CatalogRevision(2)));

    assertThat(heard(second, other, 1)).isEqualTo(new CatalogRevision(1));
    assertThat(heard(nodes.getFirst(), one, 2)).isEqualTo(new CatalogRevision(2));

    one.tell(new BulletinActor.Tell(TOPIC, new CatalogRevision(3)));
    assertThat(heard(second, other, 3)).isEqualTo(new CatalogRevision(3));
  }

  @Test
  void oneListenerHearsSeveralTopics() {
    ActorTestKit node = node();
    ActorRef<BulletinActor.Command> bulletin = bulletin(node, Duration.ofMinutes(5));
    TestProbe<News> listener = node.createTestProbe();
    bulletin.tell(new BulletinActor.Listen(TOPIC, listener.getRef()));
    bulletin.tell(new BulletinActor.Listen("other", listener.getRef()));

    bulletin.tell(new BulletinActor.Tell(TOPIC, new CatalogRevision(1)));
    bulletin.tell(new BulletinActor.Tell("other", new CatalogRevision(2)));

    assertThat(listener.receiveMessage(PATIENCE)).isEqualTo(new News(bulletin, TOPIC, Optional.of(new CatalogRevision(1))));
    assertThat(listener.receiveMessage(PATIENCE)).isEqualTo(new News(bulletin, "other", Optional.of(new CatalogRevision(2))));
  }

  @Test
  void theValuesOfANodeGoWithIt() {
    ActorRef<BulletinActor.Command> one = bulletin(node(), Duration.ofMinutes(5));
    ActorTestKit second = node();
    bulletin(second, Duration.ofMinutes(5)).tell(new BulletinActor.Tell(TOPIC, new CatalogRevision(2)));
    TestProbe<News> listener = nodes.getFirst().createTestProbe();
    one.tell(new BulletinActor.Listen(TOPIC, listener.getRef()));
    News news = listener.receiveMessage(PATIENCE);

    nodes.remove(second);
    second.shutdownTestKit();

    assertThat(news.value()).contains(new CatalogRevision(2));
    assertThat(listener.receiveMessage(PATIENCE)).isEqualTo(new News(news.node(), TOPIC, Optional.empty()));
  }

  @Test
  void whatWasLostIsPulled() {
    ActorTestKit node = node();
    ActorRef<BulletinActor.Command> bulletin = bulletin(node, Duration.ofMinutes(5));
    TestProbe<BulletinActor.Command> other = other(node);

    bulletin.tell(new BulletinActor.Revisions(other.getRef(), Map.of(TOPIC, 4L)));

    assertThat(other.receiveMessage(PATIENCE)).isEqualTo(new BulletinActor.Pull(TOPIC, bulletin));
  }

  @Test
  void whatWasLostOnTheWayArrivesByThePullsAnswer() {
    ActorTestKit node = node();
    ActorRef<BulletinActor.Command> one = bulletin(node, Duration.ofMillis(100));
    TestProbe<BulletinActor.Message> arriving = node.createTestProbe();
    ActorRef<BulletinActor.Command> other =
        node.spawn(Behaviors.intercept(() -> new LosesOne(2, arriving.getRef()), BulletinActor.create(Duration.ofMinutes(5))), "other-bulletin");
    one.tell(new BulletinActor.Tell(TOPIC, new CatalogRevision(1)));
    assertThat(heard(node, other, 1)).isEqualTo(new CatalogRevision(1));

    one.tell(new BulletinActor.Tell(TOPIC, new CatalogRevision(2)));

    assertThat(heard(node, other, 2)).isEqualTo(new CatalogRevision(2));
    BulletinActor.Told second = new BulletinActor.Told(one, TOPIC, 2, new CatalogRevision(2));
    assertThat(arriving.receiveSeveralMessages(2, PATIENCE)).as("the one that was lost, and the one that it asked for").containsExactly(second, second);
  }

  @Test
  void whatIsKnownIsNotPulledAndOldNewsIsNone() {
    ActorTestKit node = node();
    ActorRef<BulletinActor.Command> bulletin = bulletin(node, Duration.ofMinutes(5));
    TestProbe<BulletinActor.Command> other = other(node);
    TestProbe<News> listener = node.createTestProbe();
    bulletin.tell(new BulletinActor.Listen(TOPIC, listener.getRef()));

    bulletin.tell(new BulletinActor.Told(other.getRef(), TOPIC, 4, new CatalogRevision(40)));
    bulletin.tell(new BulletinActor.Told(other.getRef(), TOPIC, 4, new CatalogRevision(40)));
    bulletin.tell(new BulletinActor.Told(other.getRef(), TOPIC, 3, new CatalogRevision(30)));
    bulletin.tell(new BulletinActor.Revisions(other.getRef(), Map.of(TOPIC, 4L)));
    bulletin.tell(new BulletinActor.Told(other.getRef(), TOPIC, 5, new CatalogRevision(50)));

    assertThat(listener.receiveMessage(PATIENCE).value()).contains(new CatalogRevision(40));
    assertThat(listener.receiveMessage(PATIENCE).value()).contains(new CatalogRevision(50));
    other.expectNoMessage(Duration.ofMillis(50));
  }

  @Test
  void whatIsWithdrawnIsForgottenByAllAndMayBeToldAgain() {
    ActorTestKit node = node();
    ActorRef<BulletinActor.Command> bulletin = bulletin(node, Duration.ofMillis(100));
    TestProbe<BulletinActor.Command> other = other(node);
    TestProbe<News> listener = node.createTestProbe();
    bulletin.tell(new BulletinActor.Listen(TOPIC, listener.getRef()));
    bulletin.tell(new BulletinActor.Told(other.getRef(), TOPIC, 4, new CatalogRevision(40)));
    assertThat(listener.receiveMessage(PATIENCE).value()).contains(new CatalogRevision(40));

    bulletin.tell(new BulletinActor.Revisions(other.getRef(), Map.of("another", 5L)));

    assertThat(listener.receiveMessage(PATIENCE)).isEqualTo(new News(other.getRef(), TOPIC, Optional.empty()));
    bulletin.tell(new BulletinActor.Told(other.getRef(), TOPIC, 6, new CatalogRevision(60)));
    assertThat(listener.receiveMessage(PATIENCE).value()).contains(new CatalogRevision(60));

    bulletin.tell(new BulletinActor.Tell(TOPIC, new CatalogRevision(1)));
    bulletin.tell(new BulletinActor.Withdraw(TOPIC));
    bulletin.tell(new BulletinActor.Tell(TOPIC, new CatalogRevision(2)));
    assertThat(listener.receiveMessage(PATIENCE)).isEqualTo(new News(bulletin, TOPIC, Optional.of(new CatalogRevision(1))));
    assertThat(listener.receiveMessage(PATIENCE)).isEqualTo(new News(bulletin, TOPIC, Optional.empty()));
    assertThat(listener.receiveMessage(PATIENCE)).isEqualTo(new News(bulletin, TOPIC, Optional.of(new CatalogRevision(2))));
    BulletinActor.Told again = new BulletinActor.Told(bulletin, TOPIC, 2, new CatalogRevision(2));
    assertThat(other.fishForMessage(PATIENCE, message -> message.equals(again) ? FishingOutcomes.complete() : FishingOutcomes.continueAndIgnore()))
        .as("above what was withdrawn")
        .containsExactly(again);
  }

  @Test
  void revisionsAreToldAgainFromTimeToTime() {
    ActorTestKit node = node();
    ActorRef<BulletinActor.Command> bulletin = bulletin(node, Duration.ofMillis(100));
    bulletin.tell(new BulletinActor.Tell(TOPIC, new CatalogRevision(9)));
    TestProbe<BulletinActor.Command> other = other(node);

    assertThat(other.receiveMessage(PATIENCE)).isEqualTo(new BulletinActor.Revisions(bulletin, Map.of(TOPIC, 1L)));
  }

  /** The first message that tells that revision does not arrive, all others do; each of that revision is shown to the test. */
  private static final class LosesOne extends BehaviorInterceptor<BulletinActor.Command, BulletinActor.Command> {
    private final long revision;
    private final ActorRef<BulletinActor.Message> seen;
    private boolean hasLost;

    private LosesOne(long revision, ActorRef<BulletinActor.Message> seen) {
      super(BulletinActor.Command.class);
      this.revision = revision;
      this.seen = seen;
    }

    @Override
    public Behavior<BulletinActor.Command> aroundReceive(
        TypedActorContext<BulletinActor.Command> context, BulletinActor.Command message, ReceiveTarget<BulletinActor.Command> target) {
      if (message instanceof BulletinActor.Told told && told.revision() == revision) {
        seen.tell(told);
        if (!hasLost) {
          hasLost = true;
          return Behaviors.same();
        }
      }
      return target.apply(context, message);
    }
  }

  /** One under the same key that the test speaks for, once the bulletin knows it. */
  private static TestProbe<BulletinActor.Command> other(ActorTestKit node) {
    TestProbe<BulletinActor.Command> other = node.createTestProbe();
    node.system().receptionist().tell(Receptionist.register(BulletinActor.KEY, other.getRef()));
    assertThat(other.receiveMessage(PATIENCE)).isInstanceOf(BulletinActor.Hello.class);
    return other;
  }

  /** Waits until some node's value is that one. */
  private static Value heard(ActorTestKit node, ActorRef<BulletinActor.Command> bulletin, long number) {
    TestProbe<News> listener = node.createTestProbe();
    bulletin.tell(new BulletinActor.Listen(TOPIC, listener.getRef()));
    Value value;
    do {
      value = listener.receiveMessage(PATIENCE).value().orElseThrow();
    } while (!value.equals(new CatalogRevision(number)));
    return value;
  }

  private static ActorRef<BulletinActor.Command> bulletin(ActorTestKit node, Duration repeat) {
    return node.spawn(BulletinActor.create(repeat), "clipper-bulletin");
  }

  private ActorTestKit node() {
    ActorTestKit node = ActorTestKit.create("clipper", NODE);
    nodes.add(node);
    Cluster.get(node.system()).manager().tell(Join.create(Cluster.get(nodes.getFirst().system()).selfMember().address()));
    return node;
  }
}
