package io.clipper.catalog;

import static io.clipper.catalog.CatalogExamples.add;
import static io.clipper.catalog.CatalogExamples.after;
import static io.clipper.catalog.CatalogExamples.application;
import static org.assertj.core.api.Assertions.assertThat;

import io.clipper.Refused;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.ManualTime;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class CatalogViewActorTest {
  private static final Catalog ONE = after(add(application("a", "doubles")));
  private static final Catalog TWO = after(ONE, add(application("b", "doubles")));
  private static final Catalog THREE = after(TWO, add(application("c", "doubles")));
  private static final Duration REFRESH = Duration.ofSeconds(5);
  private static final Duration RETRY = Duration.ofMillis(500);

  private final ActorTestKit actors = ActorTestKit.create(ManualTime.config());
  private final ManualTime time = ManualTime.get(actors.system());
  private final TestProbe<CatalogActor.Command> catalog = actors.createTestProbe();
  private final TestProbe<CatalogChanged> subscriber = actors.createTestProbe();
  private final CatalogCopy view = new CatalogCopy(Catalog.EMPTY);
  private final ActorRef<CatalogViewActor.Command> feeder =
      actors.spawn(
          CatalogViewActor.create(catalog.getRef()::tell, view, new CatalogSettings(Duration.ofSeconds(5), REFRESH, RETRY)));
  private final ActorRef<CatalogActor.News> ear = expectSubscription(-1);

  @AfterEach
  void stop() {
    actors.shutdownTestKit();
  }

  @Test
  void aPublicationIsReadAndToldAndEndsTheWait() throws Exception {
    CompletableFuture<Catalog> reached = await(2);
    feeder.tell(new CatalogViewActor.Watch(subscriber.getRef()));

    assertThat(view.isHeard()).isFalse();
    publish(ONE);
    subscriber.expectMessage(new CatalogChanged(ONE));
    assertThat(view.isHeard()).isTrue();
    assertThat(reached).isNotDone();
    publish(TWO);

    subscriber.expectMessage(new CatalogChanged(TWO));
    assertThat(reached.get()).isEqualTo(TWO);
    assertThat(view.get()).isEqualTo(TWO);
  }

  @Test
  void aLateSubscriberIsToldTheCatalogAtOnce() {
    publish(ONE);

    feeder.tell(new CatalogViewActor.Watch(subscriber.getRef()));

    subscriber.expectMessage(new CatalogChanged(ONE));
  }

  @Test
  void anOlderCatalogIsNoNews() {
    feeder.tell(new CatalogViewActor.Watch(subscriber.getRef()));
    publish(TWO);
    publish(ONE);
    feeder.tell(new CatalogViewActor.Heard(TWO));
    feeder.tell(new CatalogViewActor.Heard(THREE));

    subscriber.expectMessage(new CatalogChanged(TWO));
    subscriber.expectMessage(new CatalogChanged(THREE));
    assertThat(view.get()).isEqualTo(THREE);
  }

  @Test
  void aLostPublicationIsMadeUpForByAsking() throws Exception {
    publish(ONE);
    assertThat(await(1).get()).isEqualTo(ONE);
    CompletableFuture<Catalog> reached = await(3);

    time.timePasses(REFRESH);
    expectSubscription(1);
    publish(THREE);

    assertThat(reached.get()).isEqualTo(THREE);
  }

  @Test
  void whileNobodyAnswersItAsksAgainAndAgain() {
    time.timePasses(RETRY);
    expectSubscription(-1);
    time.timePasses(RETRY);

    expectSubscription(-1);
  }

  @Test
  void whenThePublisherEndsItSubscribesAnew() throws Exception {
    TestProbe<CatalogActor.Command> first = actors.createTestProbe();
    ear.tell(new CatalogActor.Published(ONE, first.getRef()));
    assertThat(await(1).get()).isEqualTo(ONE);

    first.stop();

    expectSubscription(1);
    time.timePasses(RETRY);
    expectSubscription(1);
    publish(TWO);
    assertThat(await(2).get()).isEqualTo(TWO);
  }

  @Test
  void theEmptyCatalogIsKnownOnlyOnceItWasHeard() throws Exception {
    CompletableFuture<Catalog> loaded = await(0);
    assertThat(loaded).isNotDone();

    publish(Catalog.EMPTY);

    assertThat(loaded.get()).isEqualTo(Catalog.EMPTY);
  }

  @Test
  void whoWaitsWhenTheNodeStopsIsRefused() {
    publish(ONE);
    CompletableFuture<Catalog> reached = await(2);
    feeder.tell(new CatalogViewActor.Watch(subscriber.getRef()));
    subscriber.expectMessage(new CatalogChanged(ONE));

    actors.stop(feeder);

    assertThat(reached).failsWithin(Duration.ofSeconds(30)).withThrowableOfType(ExecutionException.class)
        .withCauseInstanceOf(Refused.class);
  }

  private void publish(Catalog published) {
    ear.tell(new CatalogActor.Published(published, catalog.getRef()));
  }

  private CompletableFuture<Catalog> await(long revision) {
    CompletableFuture<Catalog> reached = new CompletableFuture<>();
    feeder.tell(new CatalogViewActor.Await(revision, reached));
    return reached;
  }

  private ActorRef<CatalogActor.News> expectSubscription(long knownRevision) {
    CatalogActor.Subscribe asked = catalog.expectMessageClass(CatalogActor.Subscribe.class);
    assertThat(asked.knownRevision()).isEqualTo(knownRevision);
    return asked.subscriber();
  }
}
