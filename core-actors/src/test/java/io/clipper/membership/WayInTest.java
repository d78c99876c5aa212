package io.clipper.membership;

import static org.assertj.core.api.Assertions.assertThat;

import io.clipper.membership.MemberBook.Known;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class WayInTest {
  private static final Known DEAD = new Known(Set.of("a:1", "b:2"), Set.of());

  @Test
  void whereOthersLiveANodeIsOneOfThemOrWaits() {
    Known known = new Known(Set.of("a:1", "b:2", "c:3"), Set.of("a:1", "c:3"));

    assertThat(wayIn("b:2").seeds(known)).containsExactly("a:1", "c:3");
    assertThat(wayIn("a:1").seeds(known)).as("its own signature of a moment ago says nothing").containsExactly("c:3");
    assertThat(wayIn("b:2", "b:2").seeds(known)).as("told to join itself").containsExactly("a:1", "c:3");
    assertThat(wayIn("d:4", "b:2").seeds(known)).as("told to join who is gone").containsExactly("a:1", "c:3");
    for (WayIn each : List.of(wayIn("b:2"), wayIn("a:1"), wayIn("b:2", "b:2"), wayIn("d:4", "b:2"))) {
      assertThat(each.mayBeFirst(known)).isFalse();
    }
  }

  @Test
  void whereNobodySignedItTriesThoseItRemembersAndMayBeACluster() {
    assertThat(wayIn("c:3").seeds(DEAD)).containsExactly("c:3", "a:1", "b:2");
    assertThat(wayIn("c:3").mayBeFirst(DEAD)).isTrue();
    assertThat(wayIn("c:3").seeds(Known.NOBODY)).containsExactly("c:3");
  }

  @Test
  void whoWasToldOfOthersAloneIsNotTheFirst() {
    assertThat(wayIn("c:3", "d:4").mayBeFirst(DEAD)).isFalse();
    assertThat(wayIn("c:3", "d:4").seeds(DEAD)).containsExactly("a:1", "b:2", "d:4");
    assertThat(wayIn("c:3", "d:4").mayBeFirst(Known.NOBODY)).isFalse();
  }

  @Test
  void whoWasAMemberOrIsAmongThoseNamedMayBeTheFirst() {
    assertThat(wayIn("b:2", "d:4").mayBeFirst(DEAD)).as("it was a member").isTrue();
    assertThat(wayIn("b:2", "d:4").seeds(DEAD)).containsExactly("b:2", "a:1", "d:4");
    assertThat(wayIn("c:3", "d:4", "c:3").mayBeFirst(DEAD)).as("it is one of those named").isTrue();
    assertThat(wayIn("c:3", "d:4", "c:3").seeds(Known.NOBODY)).containsExactly("c:3", "d:4");
  }

  private static WayIn wayIn(String self, String... named) {
    return new WayIn(self, List.of(named));
  }
}
