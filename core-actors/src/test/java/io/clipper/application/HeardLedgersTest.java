package io.clipper.application;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class HeardLedgersTest {
  private static final String LOOP = "shop/0";

  private final HeardLedgers heard = new HeardLedgers(new LoopsHere());

  /** As a node does that starts again, and hears the node that the loop has left last. */
  @Test
  void whatANodeTellsThatTheLoopHasLeftIsNoNews() {
    Ledger former = reserved(1, 1000);
    Ledger present = reserved(1, 2000);
    heard.put(LOOP, "its node", present);

    heard.put(LOOP, "a node that it has left", former);

    assertThat(heard.of(LOOP)).isSameAs(present);
  }

  @Test
  void theLatestOfTheSameStartCounts() {
    Ledger later = reserved(1, 1000);
    heard.put(LOOP, "its node", reserved(1, 1000));

    heard.put(LOOP, "its node", later);

    assertThat(heard.of(LOOP)).isSameAs(later);
  }

  @Test
  void anApplicationThatCameBackUnderItsNameIsNewsHoweverFewIdsItHas() {
    Ledger another = reserved(2, 1000);
    heard.put(LOOP, "its node", reserved(1, 2000));

    heard.put(LOOP, "its node", another);
    heard.put(LOOP, "a node that it has left", reserved(1, 3000));

    assertThat(heard.of(LOOP)).isSameAs(another);
  }

  private static Ledger reserved(long incarnation, long below) {
    return Ledger.start().after(new LedgerEvent.Named(incarnation, 0, List.of())).after(new LedgerEvent.IdsReserved(below));
  }
}
