package io.clipper.replica;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class FairSharesTest {
  private final FairShares<String> shares = new FairShares<>();

  @Test
  void withoutOverloadEverybodyMayHaveEverything() {
    send("loud", 100);
    send("quiet", 1);

    assertThat(shares.hasShare("loud", 0)).isTrue();
  }

  @Test
  void inOverloadNobodyHasMoreThanAnEqualShare() {
    send("loud", 98);
    send("quiet", 2);
    shares.refused(0);

    assertThat(shares.hasShare("loud", 0)).isFalse();
    assertThat(shares.hasShare("quiet", 0)).isTrue();
    for (int i = 0; i < 49; i++) {
      shares.landed("loud");
    }
    assertThat(shares.hasShare("loud", 0)).isTrue();
  }

  @Test
  void aShareFollowsWhatThereIsRoomFor() {
    send("loud", 1000);
    send("quiet", 2);
    shares.refused(0);
    for (int i = 0; i < 900; i++) {
      shares.landed("loud");
    }
    assertThat(shares.hasShare("loud", 0)).isTrue();
    for (int i = 0; i < 1000; i++) {
      shares.refused(0);
    }

    assertThat(shares.hasShare("loud", 0)).isFalse();
    assertThat(shares.hasShare("quiet", 0)).isTrue();
  }

  @Test
  void aloneItHasEverythingAlsoInOverload() {
    send("loud", 100);
    shares.refused(0);

    assertThat(shares.hasShare("loud", 0)).isTrue();
  }

  @Test
  void overloadIsOverASecondAfterTheLastRefusal() {
    send("loud", 98);
    send("quiet", 2);
    shares.refused(0);

    assertThat(shares.hasShare("loud", 1_000_000_001)).isTrue();
  }

  private void send(String asker, int times) {
    for (int i = 0; i < times; i++) {
      shares.asked(asker, 0);
      shares.sent(asker);
    }
  }
}
