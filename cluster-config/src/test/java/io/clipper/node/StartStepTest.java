package io.clipper.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.clipper.membership.Members;
import io.clipper.membership.NodeRoles;
import io.clipper.membership.Peer;
import io.clipper.model.ModelId;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class StartStepTest {
  private static final Peer SELF = new Peer("a:1", NodeRoles.STATELESS);
  private static final Peer STATE = new Peer("b:2", NodeRoles.ALL);
  private static final ModelId FOREST = new ModelId("forest", "1");
  private static final ModelId NET = new ModelId("net", "2");

  @Test
  void itIsTheFirstThatIsNotDone() {
    assertThat(words(members(STATE), false)).isEqualTo("its cluster to let it in");
    assertThat(words(members(SELF), false)).isEqualTo("a node that keeps the applications' state: none is in reach");
    assertThat(words(members(SELF, STATE), false)).isEqualTo("the catalog");
    assertThat(words(members(SELF, STATE), true, NET, FOREST)).isEqualTo("models to load: forest:1, net:2 (downloading numpy)");
    assertThat(words(members(SELF, STATE), true)).isEqualTo("the applications' loops and its copies of models");
  }

  private static String words(Members members, boolean knowsCatalog, ModelId... unsettled) {
    return StartStep.words(members, knowsCatalog, Set.of(unsettled), Map.of(NET, "downloading numpy"));
  }

  private static Members members(Peer... inReach) {
    return new Members(SELF.address(), List.of(inReach), Set.copyOf(Arrays.stream(inReach).map(Peer::address).toList()), Set.of());
  }
}
