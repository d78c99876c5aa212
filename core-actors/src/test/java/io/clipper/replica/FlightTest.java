package io.clipper.replica;

import static org.assertj.core.api.Assertions.assertThat;

import io.clipper.Lead;
import io.clipper.replica.Flight.Replica;
import java.util.OptionalLong;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.typed.ActorRef;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

class FlightTest {
  private static final ActorTestKit KIT = ActorTestKit.create();
  private static final long MILLI = 1_000_000;

  private final ActorRef<ModelReplicaActor.Command> ref = KIT.<ModelReplicaActor.Command>createTestProbe().getRef();

  @AfterAll
  static void stop() {
    KIT.shutdownTestKit();
  }

  @Test
  void aReplicaOfAnotherNodeAnswersSoMuchEarlierAsTheWayTakes() {
    Replica away = new Replica(ref, false, new ReplicaLoad(), Lead.ofWayThereAndBack());
    assertThat(away.answerBy(100 * MILLI, 0)).isEqualTo(100 * MILLI);
    assertThat(away.soonest(7)).isEqualTo(7);

    answered(away);

    assertThat(away.answerBy(100 * MILLI, 0)).isBetween((long) (95.5 * MILLI), (long) (96.1 * MILLI));
    assertThat(away.soonest(0)).isBetween((long) (3.9 * MILLI), (long) (4.5 * MILLI));
  }

  @Test
  void aReplicaOfThisNodeHasAllTheTimeThereIs() {
    Replica here = new Replica(ref);

    answered(here);

    assertThat(here.answerBy(100 * MILLI, 0)).isEqualTo(100 * MILLI);
    assertThat(here.soonest(7)).isEqualTo(7);
  }

  @Test
  void whoDoesNotTellForHowLongItHeldOneTeachesNothing() {
    Replica older = new Replica(ref, false, new ReplicaLoad(), Lead.ofWayThereAndBack());
    for (int i = 0; i < 500; i++) {
      older.answered(10 * MILLI, OptionalLong.empty());
    }

    assertThat(older.answerBy(100 * MILLI, 0)).isEqualTo(100 * MILLI);
  }

  /** Of ten milliseconds each it held six. */
  private static void answered(Replica replica) {
    for (int i = 0; i < 500; i++) {
      replica.answered(10 * MILLI, OptionalLong.of(6 * MILLI));
    }
  }
}
