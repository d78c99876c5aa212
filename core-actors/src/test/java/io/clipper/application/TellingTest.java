package io.clipper.application;

import static org.assertj.core.api.Assertions.assertThat;

import io.clipper.bulletin.BulletinActor;
import io.clipper.catalog.Application;
import io.clipper.catalog.Catalog;
import io.clipper.catalog.LearningSettings;
import io.clipper.model.InputType;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

class TellingTest {
  private static final ActorTestKit ACTORS = ActorTestKit.create();

  private final TestProbe<BulletinActor.Command> bulletin = ACTORS.createTestProbe();
  private final Telling telling = new Telling(ACTORS.system(), bulletin.getRef(), new HeardLedgers(new LoopsHere()), "here");

  @AfterAll
  static void stop() {
    ACTORS.shutdownTestKit();
  }

  @Test
  void whatAnApplicationThatIsGoneHasLearnedIsWithdrawn() {
    telling.accept("shop/0", Ledger.start());
    telling.accept("digits/0", Ledger.start());
    assertThat(List.of(topic(bulletin.receiveMessage()), topic(bulletin.receiveMessage())))
        .containsExactlyInAnyOrder(Learned.topic("shop/0"), Learned.topic("digits/0"));

    telling.keepOnly(only("shop"));

    assertThat(bulletin.receiveMessage()).isEqualTo(new BulletinActor.Withdraw(Learned.topic("digits/0")));
    telling.keepOnly(only("shop"));
    telling.accept("shop/0", Ledger.start());
    assertThat(topic(bulletin.receiveMessage())).as("it is withdrawn once").isEqualTo(Learned.topic("shop/0"));
  }

  private static String topic(BulletinActor.Command command) {
    return ((BulletinActor.Tell) command).topic();
  }

  private static Catalog only(String name) {
    Application application =
        new Application(name, InputType.DOUBLES.signature(), Duration.ofMillis(20), "-1", LearningSettings.DEFAULT, List.of());
    return new Catalog(1, Map.of(name, application), Map.of());
  }
}
