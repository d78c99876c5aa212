package io.clipper.membership;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.typesafe.config.ConfigFactory;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.receptionist.Receptionist;
import org.apache.pekko.coordination.lease.LeaseSettings;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class DatabaseLeaseTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final String LEASE = "heartbeat-interval = 1s, heartbeat-timeout = 10s, lease-operation-timeout = 60s";

  private final ActorTestKit kit = ActorTestKit.create(ConfigFactory.parseString("pekko.actor.allow-java-serialization = on").withFallback(ConfigFactory.load()));
  private final TestProbe<LeaseDesk.Command> desk = kit.createTestProbe();
  private final AtomicLong now = new AtomicLong(7);
  private final DatabaseLease lease =
      new DatabaseLease(LeaseSettings.apply(ConfigFactory.parseString(LEASE), "split", "clipper@a:1"), kit.system(), now::get);

  @AfterEach
  void stop() {
    kit.shutdownTestKit();
  }

  @Test
  void itIsKnownToBeHeldForATimeShorterThanTheRowsTerm() {
    registerDesk();

    CompletableFuture<Boolean> acquired = lease.acquire().toCompletableFuture();
    LeaseDesk.Take take = desk.expectMessageClass(LeaseDesk.Take.class, PATIENCE);
    now.addAndGet(Duration.ofSeconds(3).toNanos());
    take.replyTo().tell(new LeaseDesk.Taken(true));

    assertThat(acquired).succeedsWithin(PATIENCE).isEqualTo(true);
    assertThat(take.owner()).isEqualTo("clipper@a:1");
    now.addAndGet(Duration.ofMillis(6999).toNanos());
    assertThat(lease.checkLease()).isTrue();
    now.addAndGet(Duration.ofMillis(1).toNanos());
    assertThat(lease.checkLease()).as("ten seconds after it was asked for").isFalse();
  }

  private void registerDesk() {
    kit.system().receptionist().tell(Receptionist.register(LeaseDesk.KEY, desk.getRef()));
    TestProbe<Receptionist.Listing> listing = kit.createTestProbe();
    await()
        .atMost(PATIENCE)
        .until(
            () -> {
              kit.system().receptionist().tell(Receptionist.find(LeaseDesk.KEY, listing.getRef()));
              return listing.receiveMessage(PATIENCE).getServiceInstances(LeaseDesk.KEY).contains(desk.getRef());
            });
  }
}
