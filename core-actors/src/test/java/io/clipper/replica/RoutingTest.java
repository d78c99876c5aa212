package io.clipper.replica;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class RoutingTest {
  private record Replica(String name, boolean local, ReplicaLoad load) implements Routing.Candidate {
    Replica(String name, boolean local) {
      this(name, local, new ReplicaLoad());
    }

    Replica took(long nanos) {
      load.answered(0, load.sent(0), nanos);
      return this;
    }

    Replica holding(int flights) {
      for (int i = 0; i < flights; i++) {
        load.sent(0);
      }
      return this;
    }

    Replica failing() {
      load.answered(0, load.sent(0), 100);
      load.failed(0, load.sent(0), 100);
      return this;
    }
  }

  private final Random random = new Random(1);

  @Test
  void whoWillAnswerFirstIsAsked() {
    assertThat(choose(new Replica("slow", true).took(500), new Replica("fast", false).took(100))).isEqualTo("fast");
    assertThat(choose(new Replica("busy", true).took(100).holding(3), new Replica("slower", false).took(250))).isEqualTo("slower");
  }

  @Test
  void ofEqualsTheLocalOneIsAsked() {
    assertThat(choose(new Replica("far", false).took(100), new Replica("here", true).took(100))).isEqualTo("here");
  }

  @Test
  void ofThoseThatAreAboutAsFastTheLocalOneIsAsked() {
    assertThat(choose(new Replica("far", false).took(100), new Replica("here", true).took(108))).isEqualTo("here");
    assertThat(choose(new Replica("here", true).took(108), new Replica("far", false).took(100))).isEqualTo("here");
    assertThat(choose(new Replica("here", true).took(115), new Replica("far", false).took(100))).isEqualTo("far");
  }

  @Test
  void ofManyTheLocalOneIsAlwaysAmongThoseThatAreLookedAt() {
    List<Replica> replicas = new ArrayList<>(List.of(new Replica("here", true).took(100)));
    for (int i = 0; i < 100; i++) {
      replicas.add(new Replica("r" + i, false).took(101 + i));
    }
    for (int i = 0; i < 300; i++) {
      assertThat(Routing.choose(replicas, 0, random).map(Replica::name)).contains("here");
    }
  }

  @Test
  void whoRefusedIsAskedAgainWhenWhoWasRefusedWouldHaveWaitedAsLongAsAnywhereElse() {
    Replica full = new Replica("full", true).took(100);
    Replica other = new Replica("other", false).took(300).holding(1);
    full.load().sent(0);

    full.load().refused(0, 1_000);

    assertThat(Routing.choose(List.of(full, other), 100, random).map(Replica::name)).contains("other");
    assertThat(Routing.choose(List.of(full, other), 900, random).map(Replica::name)).contains("full");
  }

  @Test
  void whileOneIsFullAnotherThatHoldsNothingIsAskedHoweverSlowItWas() {
    Replica full = new Replica("full", true).took(100);
    Replica slow = new Replica("slow", false).took(1_000_000);
    full.load().sent(0);

    full.load().refused(0, 1_000);

    assertThat(choose(full, slow)).isEqualTo("slow");
    assertThat(choose(full, slow.holding(1))).isEqualTo("full");
  }

  /** It may have had no room for another reason than the time that it needs. */
  @Test
  void aRefusalOfOneThatHadLongSaysNothingOfTheNextSecond() {
    Replica refused = new Replica("refused", true).took(1_000_000);
    Replica slow = new Replica("slow", false).took(20_000_000).holding(1);
    refused.load().sent(0);

    refused.load().refused(0, 10_000_000_000L);

    assertThat(Routing.choose(List.of(refused, slow), 1_000_000, random).map(Replica::name)).contains("slow");
    assertThat(Routing.choose(List.of(refused, slow), 200_000_000, random).map(Replica::name)).contains("refused");
  }

  /** As one does that was lost and is back. */
  @Test
  void whoHasAnsweredNothingYetIsOnTrial() {
    Replica back = new Replica("back", true);
    Replica known = new Replica("known", false).took(1_000_000);
    assertThat(choose(back, known)).isEqualTo("back");
    assertThat(choose(back.holding(1), known)).isEqualTo("known");
  }

  @Test
  void oneOnTrialGetsOneFlightAtATimeUntilItAnswers() {
    Replica failing = new Replica("failing", true).failing();
    Replica slow = new Replica("slow", false).took(1_000_000);

    assertThat(choose(failing, slow)).isEqualTo("failing");
    assertThat(choose(failing.holding(1), slow)).isEqualTo("slow");
    failing.load().answered(0, 1, 100);
    assertThat(choose(failing.holding(1), slow)).isEqualTo("failing");
  }

  @Test
  void whereAllAreOnTrialTheBestOfThemIsAsked() {
    assertThat(choose(new Replica("one", true).failing().holding(2), new Replica("two", true).failing().holding(1))).isEqualTo("two");
  }

  @Test
  void aReplicaThatHoldsFlightsAndIsSilentIsAtLeastAsSlowAsThat() {
    Replica stuck = new Replica("stuck", true).took(100).holding(1);
    Replica slow = new Replica("slow", true).took(10_000);

    assertThat(Routing.choose(List.of(stuck, slow), 1_000, random).map(Replica::name)).contains("stuck");
    assertThat(Routing.choose(List.of(stuck, slow), 1_000_000, random).map(Replica::name)).contains("slow");
  }

  @Test
  void ofManyTwoAreDrawnAndTheBetterIsAsked() {
    List<Replica> replicas = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      replicas.add(new Replica("r" + i, true).took(100 + i));
    }

    double rank = 0;
    for (int i = 0; i < 3000; i++) {
      rank += replicas.indexOf(Routing.choose(replicas, 0, random).orElseThrow()) / 3000.0;
    }

    assertThat(rank).as("the mean of the smaller of two of 0..99").isBetween(31.0, 35.0);
  }

  @Test
  void withoutReplicasNobodyIsAsked() {
    assertThat(Routing.choose(List.<Replica>of(), 0, random)).isEmpty();
  }

  private String choose(Replica... replicas) {
    return Routing.choose(List.of(replicas), 0, random).orElseThrow().name();
  }
}
