package io.clipper.membership;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class MembersTest {
  private static final Peer ONE = new Peer("a:1", Set.of("application", "store-one", "machine-x"));
  private static final Peer OTHER = new Peer("b:2", Set.of("application", "store-other"));
  private static final Peer UNKNOWN = new Peer("c:3", Set.of("application"));
  private static final Peer STATELESS = new Peer("d:4", Set.of("replica"));

  @Test
  void whoWasThereBeforeAndHasAnotherDatabaseIsFound() {
    assertThat(members("b:2", ONE, UNKNOWN).withAnotherStore("store-other")).as("not up yet").contains(ONE);
    assertThat(members("b:2", STATELESS, ONE, OTHER).withAnotherStore("store-other")).contains(ONE);
  }

  @Test
  void whoCameLaterOrSaysNothingOrHasTheSameIsNot() {
    assertThat(members("a:1", ONE, OTHER).withAnotherStore("store-one")).as("it is for the other to go").isEmpty();
    assertThat(members("b:2", UNKNOWN, STATELESS, OTHER).withAnotherStore("store-other")).isEmpty();
    assertThat(members("e:5", ONE).withAnotherStore("store-one")).isEmpty();
  }

  @Test
  void whatADatabaseIsCalledIsNoDuty() {
    assertThat(ONE.duties()).isEqualTo("application");
  }

  private static Members members(String self, Peer... inReach) {
    return new Members(self, List.of(inReach), Set.of(), Set.of());
  }
}
