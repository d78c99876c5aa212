package io.clipper.membership;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class MembersNewsTest {
  private static final Peer SELF = new Peer("self:1", NodeRoles.ALL);
  private static final Peer OTHER = new Peer("other:2", Set.of(NodeRoles.REPLICA, NodeRoles.GATEWAY, "dc-default"));
  private static final Members ALONE = new Members("self:1", List.of(SELF), Set.of("self:1"), Set.of());
  private static final Members TOGETHER = new Members("self:1", List.of(SELF, OTHER), Set.of("self:1", "other:2"), Set.of());
  private static final Members SILENCE = new Members("self:1", List.of(SELF), Set.of("self:1", "other:2"), Set.of("other:2"));

  @Test
  void whoComesAndGoesIsNamedWithWhatItDoes() {
    assertThat(MembersNews.between(ALONE, TOGETHER)).containsExactly(new MembersNews("node other:2 has joined (gateway, replica)", false));
    assertThat(MembersNews.between(TOGETHER, ALONE)).containsExactly(new MembersNews("node other:2 has left", false));
  }

  @Test
  void whoDoesNotAnswerIsAnAlarmUntilItAnswersAgainOrIsGivenUp() {
    assertThat(MembersNews.between(TOGETHER, SILENCE)).containsExactly(new MembersNews("node other:2 is out of reach", true));
    assertThat(MembersNews.between(SILENCE, TOGETHER)).containsExactly(new MembersNews("node other:2 is in reach again (gateway, replica)", false));
    assertThat(MembersNews.between(SILENCE, ALONE))
        .containsExactly(new MembersNews("node other:2 was out of reach for too long: the cluster goes on without it", true));
  }

  @Test
  void whoIsThereAlreadyWhenANodeComesInIsNoNews() {
    assertThat(MembersNews.between(Members.NONE, TOGETHER)).isEmpty();
    assertThat(MembersNews.between(TOGETHER, new Members("self:1", List.of(), Set.of(), Set.of()))).as("it stops").isEmpty();
  }
}
